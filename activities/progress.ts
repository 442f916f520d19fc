/** What a long activity says while it works: heartbeats with the last lines, often enough to follow and to be cancelled. */
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { visible } from '../domain/visible';
import type { CommandProgress } from './facts-contract';

/** The least time between two heartbeats, and the longest silence. */
const EVERY_MS = 300;
const SILENCE_MS = 1_000;
const KEPT_LINES = 20;
const LONGEST_LINE = 400;
/** Of a longer line the beginning is enough, colours and all. */
const LONGEST_READ = 8 * 1024;

export interface ProgressReport {
  /** Aborts when the activity is cancelled or its worker stops. */
  readonly signal: AbortSignal;
  /** Says what is being done now; numbering of lines begins anew, as does the log. */
  doing(text: string, log?: string | null): void;
  line(text: string): void;
  /** @throws CancelledFailure when the activity is cancelled. */
  throwIfCancelled(): void;
}

/** Runs `work` with heartbeats all the while. Must be called within an activity. */
export async function withProgress<T>(work: (report: ProgressReport) => Promise<T>): Promise<T> {
  const context = Context.current();
  let told: Omit<CommandProgress, 'kind' | 'lines'> = { doing: '', log: null };
  const lines: { n: number; text: string }[] = [];
  let count = 0;
  let changed = true;
  let last = -Infinity;
  const beat = () => {
    if (!changed && performance.now() - last < SILENCE_MS) return;
    changed = false;
    last = performance.now();
    // Made readable here and not as they come: a command may print a hundred thousand lines between two heartbeats.
    const shown = lines.map(({ n, text }) => ({ n, text: readable(text) }));
    context.heartbeat({ kind: 'command', ...told, lines: shown } satisfies CommandProgress);
  };
  const timer = setInterval(beat, EVERY_MS);
  try {
    return await work({
      signal: context.cancellationSignal,
      doing: (text, log = null) => {
        count = 0;
        changed = true;
        lines.length = 0;
        told = { doing: text, since: Date.now(), log };
      },
      line: (text) => {
        count += 1;
        changed = true;
        lines.push({ n: count, text });
        if (lines.length > KEPT_LINES) lines.shift();
      },
      throwIfCancelled: () => {
        if (context.cancellationSignal.aborted) throw new CancelledFailure(`cancelled while: ${told.doing}`);
      },
    });
  } finally {
    clearInterval(timer);
    if (changed) beat();
  }
}

/** Without colours and control characters, and with escapes for what nobody sees: what a build prints must not steer the terminal of who follows it. */
export const readable = (line: string): string =>
  visible(line.slice(0, LONGEST_READ).replace(ESCAPES, '').replace(CONTROLS, '').slice(0, LONGEST_LINE));

/** CSI and OSC sequences (ECMA-48). */
const ESCAPES = new RegExp(
  '\\u001b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)|[@-Z\\\\-_])',
  'g',
);
const CONTROLS = new RegExp('[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]', 'g');
