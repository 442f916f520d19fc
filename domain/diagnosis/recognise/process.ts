/** How a process ended: by V8, by a signal, by an exit code that nothing explains. */
import type { Entry } from '../fault';
import type { Recogniser, Recognition } from './recogniser';

const outOfMemory = (title: string, confidence: number): Recognition => ({
  cause: 'out-of-memory',
  subject: '',
  confidence,
  title,
  remedy: {
    text: 'Look for what grows (caches without a bound, lists that are only added to); else give it more by `--max-old-space-size` in `variables: { NODE_OPTIONS: … }`, or a larger machine.',
  },
});

const MEMORY_CODES = new Set([
  'OUT_OF_MEMORY',
  'ERR_WORKER_OUT_OF_MEMORY',
  'ENOMEM',
  '53200',
  'ERR_MEMORY_ALLOCATION_FAILED',
]);

export const recogniseMemory: Recogniser = (fault) =>
  MEMORY_CODES.has(fault.code ?? '') ? outOfMemory('the process has no memory left', 0.95) : null;

/** By what the runner says. Answers null for all else, and where the process was told to end. */
export function recogniseEnd({ isRunner, texts: [text = ''] }: Entry): Recognition | null {
  if (!isRunner) return null;
  const notStarted = /^not started: (.*)$/.exec(text)?.[1];
  if (notStarted !== undefined) return start(notStarted);
  const [, code, signal] = /^(?:exited with code (\d+)|ended by (SIG\w+))$/.exec(text) ?? [];
  const name = signal ?? OF_CODE[code ?? ''];
  if (name !== undefined) return bySignal(name);
  if (code === undefined || code === '0') return null;
  return {
    cause: 'exited',
    subject: code,
    confidence: 0.25,
    title: `the process ends itself with code ${code}${code === '127' ? ' (a command that was not found)' : ''}`,
    remedy: { text: 'Run the start command by hand with the same variables, and see where it ends.' },
  };
}

/** 128 and the signal's number, as shells say it. */
const OF_CODE: Readonly<Record<string, string>> = {
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  132: 'SIGILL',
  135: 'SIGBUS',
  136: 'SIGFPE',
};

function bySignal(signal: string): Recognition | null {
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP') return null;
  if (signal === 'SIGKILL')
    return outOfMemory('the process was killed from outside (SIGKILL): most likely the system had no memory left', 0.6);
  return {
    cause: 'crashed',
    subject: signal,
    confidence: signal === 'SIGABRT' ? 0.3 : 0.6,
    title: `the process crashed (${signal})`,
    remedy: {
      text: 'A native module is the usual reason: see that it was built for this Node.js version and this system.',
    },
  };
}

const start = (reason: string): Recognition => ({
  cause: 'not-started',
  subject: reason,
  confidence: 0.9,
  title: `the start command cannot be run: ${reason}`,
  remedy: { text: 'Correct `platform.start` in deployment.yaml, or install the program that it names.' },
});
