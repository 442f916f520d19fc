/** Whether a watch can reach a verdict, in one sentence. */
import type { Remedy, VerdictForecast } from '../plan/verdicts';
import { count, duration } from './words';

/** `watch-10: about 38 answers in 2m, a verdict needs 75: not within the step, nor when it is prolonged; …`. */
export function verdictSentence(verdict: VerdictForecast): string {
  const { step, reach, wouldDo } = verdict;
  const remedies = wouldDo.length === 0 ? '' : `; it would be with ${wouldDo.map(remedy).join(', or ')}`;
  return `${step}: ${amounts(verdict)}: ${REACH[reach](verdict)}${remedies}`;
}

const REACH: Readonly<Record<VerdictForecast['reach'], (verdict: VerdictForecast) => string>> = {
  within: ({ seconds, quietSeconds, forSeconds }) =>
    `within reach after ${duration(seconds ?? 0)}${quiet(quietSeconds, forSeconds)}`,
  probes: () => 'within reach with the requests that the watch sends itself',
  prolonged: () => 'only when the watch is prolonged',
  not: () => 'not within reach, also when the watch is prolonged',
  unknown: () => 'unknown whether that is within reach',
};

function amounts({ percent, needs, expects, forSeconds }: VerdictForecast): string {
  const wanted = needs === null ? 'a verdict needs more than 10,000' : `a verdict needs ${count(needs)} answers`;
  if (expects === null) return `no traffic was measured yet; ${wanted}`;
  return `${percent} % of the usual traffic gives about ${count(expects)} in ${duration(forSeconds)}; ${wanted}`;
}

const quiet = (seconds: number | null, forSeconds: number): string => {
  if (seconds === null) return '; in quiet hours not at all';
  return seconds <= forSeconds ? '' : `; in quiet hours after ${duration(seconds)}`;
};

function remedy(what: Remedy): string {
  switch (what.kind) {
    case 'longer':
      return `a watch of ${duration(what.seconds)}`;
    case 'share':
      return `a share of ${what.percent} %`;
    case 'probes':
      return '`watch.probes`, which the watch then sends to both releases';
  }
}
