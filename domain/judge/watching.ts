/**
 * What a watch makes of the router's readings: the one way from counters to a verdict, of a watch that runs (`activities/release`) and of
 * one that was recorded (`recording.ts`).
 */
import { difference, EMPTY, type Histogram } from '../histogram';
import type { ReleaseFigures } from '../host/router';
import type { Weights } from '../words';
import { NO_ANSWERS, type Side } from './comparing';
import { aboveLimit, conclude, type Judgement } from './conclude';
import type { Figures } from './figures';
import type { Finding } from './finding';
import { JUDGE_START, judgeMoment, judgeOwn, type Counts, type JudgeState, type Objective } from './judge';
import { countersOf, countersSince, figuresSince, sideOf, type Counters, type Mark } from './readings';
import { thresholdsOf } from './slowness';

/** Of a router's state, what a watch looks at. */
export interface RouterReading {
  readonly epoch: string;
  readonly figures: Readonly<Record<string, ReleaseFigures>>;
  readonly table: { readonly weights: Weights };
}

export interface Watched {
  readonly release: string;
  readonly oldRelease: string | null;
  readonly objective: Objective;
  /** Statuses below 500 that are errors all the same. */
  readonly errorStatuses: readonly number[];
  /** The counters when the weights were set; null: all since the router started counts. */
  readonly mark: Mark | null;
}

/** Plain data, small enough for a heartbeat. */
export interface Judged {
  readonly judge: JudgeState;
  /** Counters of both releases at the last look, and the router process that counted. */
  readonly last: { readonly epoch: string; readonly newRelease: Counters; readonly oldRelease: Counters } | null;
}

export interface Traffic {
  readonly newSide: Side;
  readonly oldSide: Side;
  /** Connections of the new release that no instance took. */
  readonly refused: number;
  readonly last: NonNullable<Judged['last']>;
}

export interface Readings {
  readonly now: RouterReading;
  /** The reading before; null: there is none, and nothing is said of latencies this time. */
  readonly before: RouterReading | null;
}

/** The beginning: everything since the mark counts, also what came while no watch was there. */
export function beginJudging({ mark, release, oldRelease, errorStatuses }: Watched): Judged {
  const at = (name: string | null): Counters =>
    countersOf(name === null ? undefined : mark?.releases[name], errorStatuses);
  const last = mark && { epoch: mark.epoch, newRelease: at(release), oldRelease: at(oldRelease) };
  return { judge: JUDGE_START, last };
}

/** After a reading. @param at milliseconds since the watch began. */
export function judgeReading(
  { judge, last }: Judged,
  { at, ...readings }: Readings & { readonly at: number },
  watched: Watched,
): Judged & { readonly traffic: Traffic } {
  const traffic = trafficSince(last, readings, watched);
  const { newSide, oldSide } = traffic;
  const isAlone = isAloneIn(readings.now, watched.oldRelease);
  return {
    judge: judgeMoment(judge, { at, newSide, oldSide }, watched.objective, isAlone),
    last: traffic.last,
    traffic,
  };
}

/** Answers to requests of the watch itself since the last look; zeros: there were none. */
export interface OwnAnswers {
  readonly newRelease: Counts;
  readonly oldRelease: Counts;
}

/** After requests that the watch sent itself: to both, where the old release serves, too. */
export function judgeAnswered(
  judge: JudgeState,
  { at, newRelease, oldRelease }: OwnAnswers & { readonly at: number },
  { objective }: Watched,
): JudgeState {
  if (newRelease.answers + oldRelease.answers === 0) return judge;
  const moment = { at, newSide: { ...NO_ANSWERS, ...newRelease }, oldSide: { ...NO_ANSWERS, ...oldRelease } };
  return oldRelease.answers > 0 ? judgeOwn(judge, moment) : judgeMoment(judge, moment, objective, true);
}

/**
 * The verdict, if the watch ended now. What the router counted itself has the last word: whatever the judge was fed with, a share above
 * its limit is not healthy.
 */
export function verdictOf(judge: JudgeState, reading: RouterReading | null, watched: Watched): Judgement {
  const judgement = conclude(judge, watched.objective);
  const above = judgement.verdict === 'healthy' && reading !== null ? aboveBy(reading, watched) : null;
  return above === null ? judgement : { verdict: 'inconclusive', finding: above, needs: null };
}

function aboveBy(
  state: RouterReading,
  { release, oldRelease, objective, errorStatuses, mark }: Watched,
): Finding | null {
  const figures = (name: string): Figures => figuresSince({ state, mark }, name, errorStatuses);
  if (oldRelease !== null && figures(oldRelease).requests > 0) return null;
  return aboveLimit(figures(release), objective);
}

export const isAloneIn = ({ table }: RouterReading, oldRelease: string | null): boolean =>
  oldRelease === null || (table.weights[oldRelease] ?? 0) === 0;

/**
 * What the router counted for both releases between two looks.
 * @param last counters at the last look; of another router process they count from zero.
 */
export function trafficSince(
  last: Judged['last'],
  { now, before }: Readings,
  { release, oldRelease, errorStatuses, objective }: Omit<Watched, 'mark'>,
): Traffic {
  const earlier = last?.epoch === now.epoch ? last : null;
  const reading = before?.epoch === now.epoch ? before : null;
  const counters = (name: string | null): Counters =>
    countersOf(name === null ? undefined : now.figures[name], errorStatuses);
  const latencies = (name: string | null): Histogram | null =>
    reading === null || name === null
      ? null
      : difference(now.figures[name]?.latency ?? EMPTY, reading.figures[name]?.latency ?? EMPTY);
  const thresholds = oldRelease === null ? null : thresholdsOf(reading?.figures[oldRelease]?.latency ?? EMPTY);
  const slow = { thresholds, overdueMs: objective.responseMs };
  const [ours, theirs] = [counters(release), counters(oldRelease)];
  const since = countersSince(ours, earlier?.newRelease ?? null);
  return {
    newSide: sideOf(since, latencies(release), slow),
    oldSide: sideOf(countersSince(theirs, earlier?.oldRelease ?? null), latencies(oldRelease), slow),
    refused: since.refused,
    last: { epoch: now.epoch, newRelease: ours, oldRelease: theirs },
  };
}
