/** Our judge, and rules as others use them, behind one face. */
import { ALPHA } from '../../domain/judge/judge';
import { StreamJudge, type Answer } from '../../domain/judge/stream';
import type { Rule } from './measure';

const ours: Rule = {
  name: 'mvca judge',
  begin: () => {
    const judge = new StreamJudge({ errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30, alpha: ALPHA });
    return {
      take: (answer) => judge.take(answer),
      hasAlarm: () => judge.hasAlarm,
      isHealthy: () => judge.end().verdict === 'healthy',
    };
  },
};

const isError = ({ status }: Answer): boolean => status === 0 || status >= 500;

interface Window {
  readonly name: string;
  readonly seconds: number;
  /** A window with a greater share of errors of the new release, or a greater p99 where one is given, is a failed check. */
  readonly errors: number;
  readonly p99Ms: number;
  /** So many failed checks are an alarm. */
  readonly failures: number;
  readonly inARow: boolean;
}

/** Looks at the new release alone, at the end of each window. */
function windowed({ name, seconds, errors, p99Ms, failures, inARow }: Window): Rule {
  return {
    name,
    begin: () => {
      let until = seconds * 1000;
      let times: number[] = [];
      let bad = 0;
      let failed = 0;
      const check = (): void => {
        const p99 = times.sort((a, b) => a - b)[Math.ceil(0.99 * times.length) - 1] ?? 0;
        if (times.length > 0 && (bad / times.length > errors || p99 > p99Ms)) failed += 1;
        else if (inARow) failed = 0;
        times = [];
        bad = 0;
      };
      return {
        take: (answer) => {
          for (; answer.at >= until && failed < failures; until += seconds * 1000) check();
          if (answer.release === 'old') return;
          times.push(answer.ms);
          if (isError(answer)) bad += 1;
        },
        hasAlarm: () => failed >= failures,
        isHealthy: () => null,
      };
    },
  };
}

const POINT_MS = 10_000;
const POINTS = 30;
/** z of 99 %: Kayenta's default confidence of 98 % has 1 % on either side. */
const Z = 2.326;
const TOLERANCE = 1.25;

/** Mann-Whitney on the shares of errors in windows of 10 s, looked at after each one from the 30th on. */
const mannWhitney: Rule = {
  name: 'Mann-Whitney 98 %, 30 points of 10 s (as Kayenta)',
  begin: () => {
    const points: Record<'old' | 'new', number[]> = { old: [], new: [] };
    let count = { old: [0, 0], new: [0, 0] };
    let until = POINT_MS;
    let isWorse = false;
    return {
      take: (answer) => {
        for (; answer.at >= until; until += POINT_MS) {
          for (const side of ['old', 'new'] as const)
            points[side].push((count[side][1] ?? 0) / Math.max(1, count[side][0] ?? 0));
          count = { old: [0, 0], new: [0, 0] };
          if (points.new.length >= POINTS) isWorse ||= isHigher(points.new, points.old);
        }
        const counted = count[answer.release];
        counted[0] = (counted[0] ?? 0) + 1;
        if (isError(answer)) counted[1] = (counted[1] ?? 0) + 1;
      },
      hasAlarm: () => isWorse,
      isHealthy: () => null,
    };
  },
};

function isHigher(ours: readonly number[], theirs: readonly number[]): boolean {
  let u = 0;
  for (const a of ours) for (const b of theirs) u += a > b ? 1 : a === b ? 0.5 : 0;
  const pairs = ours.length * theirs.length;
  const deviation = Math.sqrt((pairs * (ours.length + theirs.length + 1)) / 12);
  return (u - pairs / 2) / deviation > Z && mean(ours) > TOLERANCE * mean(theirs);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const RULES: readonly Rule[] = [
  ours,
  windowed({
    name: '1 %, p99 500 ms in 1 min, 5 failures (as Flagger)',
    seconds: 60,
    errors: 0.01,
    p99Ms: 500,
    failures: 5,
    inARow: false,
  }),
  windowed({
    name: '5 % in 5 min, 3 failures (as Argo Rollouts)',
    seconds: 300,
    errors: 0.05,
    p99Ms: Infinity,
    failures: 3,
    inARow: false,
  }),
  windowed({ name: '1 % in 10 s, 3 in a row', seconds: 10, errors: 0.01, p99Ms: Infinity, failures: 3, inARow: true }),
  windowed({ name: '5 % in 10 s, 1 failure', seconds: 10, errors: 0.05, p99Ms: Infinity, failures: 1, inARow: false }),
  mannWhitney,
];
export const OURS = ours;
