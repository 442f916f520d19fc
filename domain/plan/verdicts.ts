/**
 * Will the traffic of the last days be enough for a verdict within each watch? Answered by the judge itself: it is fed a calm stream
 * at that rate and share until it says `healthy`.
 */
import { NO_ANSWERS, type Side } from '../judge/comparing';
import { conclude } from '../judge/conclude';
import { ALPHA, JUDGE_START, judgeMoment, type Objective } from '../judge/judge';
import type { TrafficRate } from '../host/router';
import type { EnvironmentSpec } from '../spec/spec';
import type { StrategyStep } from '../strategies/strategy';

/** What an environment was asked for in the last days. */
export interface MeasuredTraffic extends TrafficRate {
  /** Share of errors (5xx and no answer) of what was answered, 0 to 1; null: too few answers to say. */
  readonly errors: number | null;
}

/** What one watch can expect. */
export interface VerdictForecast {
  readonly step: string;
  /** Percent of the traffic that the new release has during the watch. */
  readonly percent: number;
  readonly forSeconds: number;
  /** Answers of the new release that a verdict needs, when all is calm; null: more than 10,000, so the watch is not the way. */
  readonly needs: number | null;
  /** What the usual hour's traffic gives it within the watch; null where no traffic was measured yet. */
  readonly expects: number | null;
  /** Seconds until there are answers enough at the usual traffic, and at that of quiet hours; null: never, or unknown. */
  readonly seconds: number | null;
  readonly quietSeconds: number | null;
  /** `probes`: with the requests that the watch sends itself; `prolonged`: only within the second, equally long period. */
  readonly reach: 'within' | 'probes' | 'prolonged' | 'not' | 'unknown';
  /** What would bring a verdict within the step; empty where it is within reach. */
  readonly wouldDo: readonly Remedy[];
}

export type Remedy =
  | { readonly kind: 'longer'; readonly seconds: number }
  | { readonly kind: 'share'; readonly percent: number }
  | { readonly kind: 'probes' };

const MOST_ANSWERS = 10_000;
/** Shares that are tried when a larger one is looked for. */
const SHARES = [5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90];
/** While nothing is known of the errors of calm traffic they are taken for this part of the objective. */
const CALM_PART = 0.1;

type WatchStep = Extract<StrategyStep, { kind: 'watch' }>;

export function verdictOf(
  step: WatchStep & { readonly name: string },
  environment: EnvironmentSpec,
  traffic: MeasuredTraffic | null,
): VerdictForecast {
  const percent = step.percent ?? 100;
  const objective = objectiveOf(environment);
  const errors = traffic?.errors ?? objective.errors * CALM_PART;
  const needs = answersNeeded(percent, objective, errors);
  const forSeconds = step.forMs / 1_000;
  const after = (perSecond: number | undefined): number | null => secondsFor(needs, (perSecond ?? 0) * (percent / 100));
  const seconds = after(traffic?.perSecond);
  const known = { step: step.name, percent, forSeconds, needs, seconds, quietSeconds: after(traffic?.quietPerSecond) };
  const probed = hasProbes(environment) && needs !== null && needs <= objective.minimum;
  const reach = reachOf({ seconds, forSeconds, probed, isMeasured: traffic !== null });
  const expects = traffic === null ? null : Math.round(traffic.perSecond * (percent / 100) * forSeconds);
  const isFine = reach === 'within' || reach === 'probes' || traffic === null;
  return {
    ...known,
    expects,
    reach,
    wouldDo: isFine ? [] : remedies(known, traffic, { objective, errors, environment }),
  };
}

function reachOf(of: {
  readonly seconds: number | null;
  readonly forSeconds: number;
  readonly probed: boolean;
  readonly isMeasured: boolean;
}): VerdictForecast['reach'] {
  if (of.seconds !== null && of.seconds <= of.forSeconds) return 'within';
  if (of.probed) return 'probes';
  if (!of.isMeasured) return 'unknown';
  return of.seconds !== null && of.seconds <= 2 * of.forSeconds ? 'prolonged' : 'not';
}

interface Around {
  readonly objective: Objective;
  readonly errors: number;
  readonly environment: EnvironmentSpec;
}

function remedies(
  { percent, forSeconds, seconds, needs }: Pick<VerdictForecast, 'percent' | 'forSeconds' | 'seconds' | 'needs'>,
  traffic: MeasuredTraffic,
  { objective, errors, environment }: Around,
): readonly Remedy[] {
  const longer: Remedy[] = seconds === null ? [] : [{ kind: 'longer', seconds: Math.ceil(seconds) }];
  const share = SHARES.filter((larger) => percent < 100 && larger > percent).find((larger) => {
    const after = secondsFor(answersNeeded(larger, objective, errors), traffic.perSecond * (larger / 100));
    return after !== null && after <= forSeconds;
  });
  const probes = !hasProbes(environment) && needs !== null && needs <= objective.minimum;
  return [
    ...longer,
    ...(share === undefined ? [] : [{ kind: 'share', percent: share } as const]),
    ...(probes ? [{ kind: 'probes' } as const] : []),
  ];
}

/** @returns null when even `MOST_ANSWERS` calm answers give no verdict. */
function answersNeeded(percent: number, objective: Objective, errors: number): number | null {
  const oldPerNew = (100 - percent) / percent;
  // Both releases have answers in most blocks, and the later ones are larger: to within 2 % is close enough.
  const least = percent === 100 ? 1 : Math.max(1, Math.round(0.5 / oldPerNew));
  let state = JUDGE_START;
  for (let before = 0, n = least; n <= MOST_ANSWERS; before = n, n += Math.max(least, Math.floor(n / 50))) {
    const moment = {
      at: n,
      newSide: calm(before, n, errors),
      oldSide: calm(before * oldPerNew, n * oldPerNew, errors),
    };
    state = judgeMoment(state, moment, objective, percent === 100);
    if (n >= objective.minimum && conclude(state, objective).verdict === 'healthy') return n;
  }
  return null;
}

/** The answers after `from` up to `to`, with errors spread evenly among them. */
function calm(from: number, to: number, errors: number): Side {
  const answers = Math.floor(to) - Math.floor(from);
  const bad = Math.floor(to * errors) - Math.floor(from * errors);
  return { ...NO_ANSWERS, answers, errors: Math.min(answers, bad) };
}

const secondsFor = (needs: number | null, perSecond: number): number | null =>
  needs === null || perSecond <= 0 ? null : needs / perSecond;

const hasProbes = ({ watch, smoke }: EnvironmentSpec): boolean =>
  watch.probes.length > 0 || smoke.some(({ kind }) => kind === 'get');

function objectiveOf({ watch: { errors, slow, responseMs, minimum } }: EnvironmentSpec): Objective {
  return { errors, slow, responseMs, minimum, alpha: ALPHA };
}
