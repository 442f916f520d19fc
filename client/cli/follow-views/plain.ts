/** Plain lines, for logs and pipes: every step event one line, output of commands indented, what is waited for once. */
import type { CommandProgress } from '../../../activities/facts-contract';
import { outcomeSentence } from '../../../domain/reports/sentence';
import { duration } from '../../../domain/reports/words';
import type { DeploymentStatus } from '../../../domain/deployment';
import type { Deployment, Look } from '../../deployment';
import type { LiveActivity } from '../../live';
import type { FollowView } from '../following';
import { line, paragraph, part, type Line } from '../line';
import type { Print } from '../print';
import { headline } from '../text';
import { stepLine } from '../step-line';
import { newWarnings } from './warnings';

/** How often it is said again that the engine is still away. */
const SAY_AGAIN_MS = 10_000;
/** How often it is said that a command goes on which says nothing. */
const STILL_MS = 30_000;

export function plainView(print: Print, { webUi }: Pick<Deployment, 'webUi'>): FollowView {
  let seen = 0;
  let waiting = '';
  let saidAwayMs = -SAY_AGAIN_MS;
  const warn = newWarnings(print);
  const output = outputLines(print);
  const retries = retryLines(print);
  const still = stillLines(print);
  if (webUi !== null) print.progress(line(part(`web UI  ${webUi}`, 'dim')));
  const show = ({ status, activities }: Look): void => {
    output(activities);
    still(activities);
    retries(activities);
    warn(status.warnings);
    for (const step of status.steps) {
      if (step.sequence <= seen) continue;
      seen = step.sequence;
      print.progress(stepLine(step));
    }
    const key = JSON.stringify([status.waitingFor, status.pause]);
    if (key !== waiting) sayWaiting(print, status);
    waiting = key;
  };
  return {
    update: (update) => {
      if (update.kind === 'look') {
        if (saidAwayMs >= 0) print.progress('the engine is back');
        saidAwayMs = -SAY_AGAIN_MS;
        show(update.look);
      } else if (update.sinceMs - saidAwayMs >= SAY_AGAIN_MS) {
        saidAwayMs = update.sinceMs;
        print.progress(
          `the engine does not answer, for ${duration(update.sinceMs / 1000)} (${update.reason}); trying on`,
        );
      }
    },
    close: () => undefined,
  };
}

function sayWaiting(print: Print, status: DeploymentStatus): void {
  const waits = [status.waitingFor, status.pause].filter((wait) => wait !== null);
  if (waits.length === 0) return;
  for (const whole of paragraph(outcomeSentence(status), 'warn')) print.progress(whole);
  for (const { answer } of waits) print.progress(line('  ', part(answer, 'strong')));
}

/** Says once why something is tried again: else nobody could tell what is waited for. */
function retryLines(print: Print): (activities: readonly LiveActivity[]) => void {
  const said = new Set<string>();
  return (activities) => {
    for (const { name, attempt, lastFailure } of activities) {
      const key = `${name}/${lastFailure}`;
      if (attempt < 2 || lastFailure === null || said.has(key)) continue;
      said.add(key);
      print.progress(line(part(`again ${name}, try ${attempt}: ${headline(lastFailure)}`, 'warn')));
    }
  };
}

/** Says from time to time that a silent command goes on, for how long, and what it said last. */
function stillLines(print: Print): (activities: readonly LiveActivity[]) => void {
  const heard = new Map<string, { readonly n: number; readonly atMs: number }>();
  const isSilent = (key: string, { lines, since = 0 }: CommandProgress, nowMs: number): boolean => {
    const n = lines.at(-1)?.n ?? 0;
    const before = heard.get(key) ?? { n, atMs: since };
    const isDue = before.n === n && nowMs - before.atMs >= STILL_MS;
    heard.set(key, isDue || before.n !== n ? { n, atMs: nowMs } : before);
    return isDue;
  };
  return (activities) => {
    const nowMs = Date.now();
    for (const { name, progress } of activities) {
      if (progress?.kind !== 'command' || progress.since === undefined) continue;
      if (isSilent(`${name}/${progress.since}`, progress, nowMs)) print.progress(stillLine(progress, nowMs));
    }
  };
}

function stillLine({ doing, since = 0, lines }: CommandProgress, nowMs: number): Line {
  const last = lines.at(-1);
  const words = last === undefined ? 'it has said nothing' : `it said last: ${last.text}`;
  return line(part(`         │ ${doing} goes on, for ${duration((nowMs - since) / 1000)}; ${words}`, 'dim'));
}

/** Prints the lines of running commands that were not printed yet. */
function outputLines(print: Print): (activities: readonly LiveActivity[]) => void {
  const printed = new Map<string, number>();
  return (activities) => {
    for (const { name, attempt, progress } of activities) {
      if (progress?.kind !== 'command') continue;
      // Another command of the same activity may count from one again.
      const key = `${name}/${attempt}/${progress.log ?? ''}/${progress.doing}`;
      for (const { n, text } of progress.lines) {
        if (n <= (printed.get(key) ?? 0)) continue;
        printed.set(key, n);
        print.progress(line(part('         │ ', 'dim'), text));
      }
    }
  };
}
