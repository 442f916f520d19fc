/** What a deployment waits for, whose turn it is, until when, and the command that answers; and how long it may still take. */
import type { DeploymentStatus } from '../../../domain/deployment';
import { CLAIMS } from '../../../domain/identity/identity';
import { outcomeSentence, wayBackSentence, whySentence } from '../../../domain/reports/sentence';
import { duration } from '../../../domain/reports/words';
import { line, part, type Line } from '../line';
import { columns, wrapped } from '../text';

export function waitingLines(status: DeploymentStatus, nowMs: number, width: number): readonly Line[] {
  const waits = [status.waitingFor, status.pause].filter((wait) => wait !== null);
  if (waits.length === 0 || status.outcome !== null) return [];
  const left = (deadline: string): string => duration(Math.max(0, Date.parse(deadline) - nowMs) / 1000);
  return [
    ...wrapped(outcomeSentence(status), width).map((text) => line(part(text, 'warn'))),
    ...waits.flatMap(({ deadline, answer }) => [
      line(part(`${left(deadline)} left; answer with:`, 'dim')),
      ...answerLines(answer, width),
    ]),
    ...(status.names === 'claims' ? wrapped(CLAIMS, width).map((text) => line(part(text, 'dim'))) : []),
  ];
}

/** What was measured where something is in doubt, and whether one can still go back. */
export function standLines(status: DeploymentStatus, width: number): readonly Line[] {
  const { why, wayBack, outcome, releases } = status;
  if (outcome !== null || releases.length === 0) return [];
  const named = (name: string, text: string): Line[] =>
    wrapped(`${name}  ${text}`, width).map((each) => line(part(each, 'dim')));
  return [...(why === null ? [] : named('why', whySentence(why))), ...named('way back', wayBackSentence(wayBack))];
}

/** A command is never cut off: it is to be copied. */
function answerLines(answer: string, width: number): readonly Line[] {
  if (columns(answer) + 2 <= width) return [line('  ', part(answer, 'strong'))];
  const lines: Line[] = [];
  let rest = answer;
  while (rest !== '') {
    lines.push(line(part(rest.slice(0, width), 'strong')));
    rest = rest.slice(width);
  }
  return lines;
}

/** From this application's own history; nothing without one, nor while people are waited for, who take as long as they take. */
export function etaLine({ eta, phases, outcome, ...waits }: DeploymentStatus, nowMs: number): readonly Line[] {
  if (eta === null || outcome !== null || waits.waitingFor !== null || waits.pause !== null) return [];
  const startedAt = phases.find(({ phase }) => phase === eta.phase)?.startedAt ?? null;
  const spent = startedAt === null ? 0 : (nowMs - Date.parse(startedAt)) / 1000;
  const left = (seconds: number): string => duration(Math.max(0, seconds - spent));
  const from = `(from ${eta.from} before)`;
  const text =
    spent > eta.p90Seconds
      ? `${eta.phase}: takes longer than 9 of 10 before, which took at most ${duration(eta.p90Seconds)} ${from}`
      : `${eta.phase}: about ${left(eta.medianSeconds)} left, at most ${left(eta.p90Seconds)} in 9 of 10 ${from}`;
  return [line(part(text, 'dim'))];
}
