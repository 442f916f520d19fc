/**
 * Runs one command by its argument array, never through a shell: in a process group of its own, with a clean environment, a time
 * limit, its output given line by line, and killed with all its children (SIGTERM, then SIGKILL).
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { createLines } from './lines';
import { endGroupOf } from './process-group';
import { identify, type ProcessIdentity } from './process-identity';
import { whyNotStarted } from './why-not-started';

/** Time between SIGTERM and SIGKILL. */
const TERMINATION_MS = 5_000;
/** An error may stand before a page of advice (npm prints its whole usage after one). */
const TAIL_LINES = 200;
/** Characters of a line that are given to `onLine`; nobody reads on in a longer one. */
const LONGEST_LINE = 64 * 1024;
/** Of those, as many as are kept in the tail. */
const LONGEST_TAIL_LINE = 4 * 1024;
const CUT = ' … (cut)';

/** What a command may see of ours: nothing but these. */
export const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ'] as const;

export interface CommandRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Exactly these; begin with `cleanEnvironment()`. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Lines of more than 64 Ki characters are cut, and say so. */
  readonly onLine?: (line: string, stream: 'out' | 'err') => void;
  /** Told once, when it runs: the leader of its process group. */
  readonly onStart?: (leader: ProcessIdentity) => void;
}

export interface CommandResult {
  /** `exited` also with a code other than 0. */
  readonly end: 'exited' | 'signalled' | 'timed-out' | 'aborted' | 'not-started';
  readonly code: number | null;
  readonly signal: string | null;
  readonly seconds: number;
  /** The last lines of both streams, in the order of their arrival, each of at most 4 Ki characters. */
  readonly tail: readonly string[];
  /** Why it could not be started (`not-started` only). */
  readonly error: string | null;
}

export const succeeded = (result: CommandResult): boolean => result.end === 'exited' && result.code === 0;

/** The few variables that every command gets, and what package managers need to reach their registry. */
export function cleanEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of PASSED_ON) if (from[name] !== undefined) kept[name] = from[name];
  return kept;
}

/**
 * Variables that make package registries reachable: addresses, credentials, proxies, certificates. For installs only. What else a
 * caller's npm sets for its own run (`npm_config_omit=dev`, `npm_config_global`, …) would change what is installed, and stays out.
 */
export function registryEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(from).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (NETWORK.test(entry[0]) || NPM_CONFIG.test(entry[0].replaceAll('-', '_'))),
    ),
  );
}

const NETWORK = /^(https?_proxy|no_proxy|all_proxy|ssl_cert_(file|dir)|node_extra_ca_certs)$/i;
const NPM_CONFIG =
  /^npm_config_(registry|@.+:registry|\/\/.+|userconfig|globalconfig|proxy|https?_proxy|noproxy|strict_ssl|cafile|ca|cert|certfile|key|keyfile|fetch_.+|maxsockets|replace_registry_host|before|min_release_age)$/i;

export async function runCommand(request: CommandRequest): Promise<CommandResult> {
  const [program = ''] = request.argv;
  if (program === '') return notStarted('the command is empty', 0);
  const begun = process.hrtime.bigint();
  const seconds = () => Number(process.hrtime.bigint() - begun) / 1e9;
  const tail: string[] = [];
  const started = begin(request);
  if ('error' in started) return notStarted(startError(started.error, request), 0);
  const { child } = started;
  const leader = child.pid === undefined ? null : leaderOf(child.pid);
  if (leader !== null) request.onStart?.(leader);
  for (const stream of ['out', 'err'] as const) {
    const lines = createLines({ longest: LONGEST_LINE, mark: CUT, returns: true }, (line) => {
      tail.push(line.length > LONGEST_TAIL_LINE ? line.slice(0, LONGEST_TAIL_LINE) + CUT : line);
      if (tail.length > TAIL_LINES) tail.shift();
      request.onLine?.(line, stream);
    });
    const output = stream === 'out' ? child.stdout : child.stderr;
    output.on('data', (chunk: Buffer) => lines.push(chunk)).on('end', () => lines.flush());
    output.on('error', () => undefined); // what came before it is known; how the command ended says the rest
  }
  let cut: 'timed-out' | 'aborted' | null = null;
  const endings: Promise<unknown>[] = [];
  const cutShort = (why: 'timed-out' | 'aborted') => {
    cut ??= why;
    if (leader !== null) endings.push(endGroupOf(leader, TERMINATION_MS));
  };
  const timer = setTimeout(() => cutShort('timed-out'), request.timeoutMs);
  const onAbort = () => cutShort('aborted');
  request.signal?.addEventListener('abort', onAbort, { once: true });
  if (request.signal?.aborted) onAbort();
  try {
    const ended = await new Promise<{ code: number | null; signal: string | null; error: string | null }>((resolve) => {
      let exit: { code: number | null; signal: string | null } | null = null;
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve({ code: null, signal: null, error: startError(error, request) }),
      );
      child.once('exit', (code, signal) => {
        exit = { code, signal };
        // What it left running in its group would hold the pipes, and the machine.
        if (leader !== null) endings.push(endGroupOf(leader, TERMINATION_MS));
      });
      child.once('close', () => resolve({ code: exit?.code ?? null, signal: exit?.signal ?? null, error: null }));
    });
    await Promise.all(endings); // what holds no pipe may be alive still, and write
    if (ended.error !== null) return notStarted(ended.error, seconds());
    const end = cut ?? (ended.signal === null ? 'exited' : 'signalled');
    return { end, code: ended.code, signal: ended.signal, seconds: seconds(), tail, error: null };
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
  }
}

type Begun = { readonly child: ChildProcessByStdio<null, Readable, Readable> } | { readonly error: Error };

/** What cannot even be asked of the system (a NUL in a variable, one that is too long) is thrown, not emitted. */
function begin({ argv: [program = '', ...args], cwd, env }: CommandRequest): Begun {
  try {
    return { child: spawn(program, args, { cwd, env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }) };
  } catch (error) {
    return { error: error as Error };
  }
}

/** A command may have ended before we look; its group then still goes by its pid. */
function leaderOf(pid: number): ProcessIdentity {
  const boot = identify(process.pid)?.started.split('/')[0] ?? '';
  return identify(pid) ?? { pid, started: `${boot}/ended` };
}

const notStarted = (error: string, seconds: number): CommandResult => ({
  end: 'not-started',
  code: null,
  signal: null,
  seconds,
  tail: [],
  error,
});

function startError(error: NodeJS.ErrnoException, request: CommandRequest): string {
  const {
    argv: [program = ''],
    cwd,
  } = request;
  if (error.code === 'ENOENT') return `there is no program \`${program}\` on the PATH, or no folder ${cwd}`;
  // A folder of the PATH that may not be entered gives the same code as a file that may not be executed.
  if (error.code === 'EACCES' && !program.includes('/'))
    return `there is no program \`${program}\` on the PATH that this user may execute`;
  if (error.code === 'EACCES') return `\`${program}\` may not be executed`;
  return whyNotStarted(error, request);
}
