/**
 * Objectives from outside: figures of a monitoring system, each held against its limits. Two readings in a row beyond a limit are
 * `unhealthy`. A source that gives no figure is neither a pass nor a failure of the release: until a recent reading within the limits
 * is there, the watch stays `inconclusive`.
 */
import { fillQuery, type Watched } from '../metrics/query';
import type { WatchMetricSpec } from '../spec/spec';
import type { Why } from '../words';

/** `none`: no figure, and why. */
export type Reading =
  { readonly kind: 'figure'; readonly value: number } | { readonly kind: 'none'; readonly reason: string };

/** What was seen of one metric; travels in heartbeats. */
export interface MetricSeen {
  /** Figures so far. */
  readonly readings: number;
  /** When the last one within the limits came, in milliseconds since the watch began; null: none yet. */
  readonly goodAt: number | null;
  /** When the last figure came, on the same clock; absent in a heartbeat of an older worker. */
  readonly at?: number | null;
  readonly value: number | null;
  /** The last figures in a row that were beyond a limit; two at most. */
  readonly beyond: readonly number[];
  /** Why the last question brought no figure; null: it did. */
  readonly trouble: string | null;
}

export const NOTHING_SEEN: MetricSeen = { readings: 0, goodAt: null, at: null, value: null, beyond: [], trouble: null };

type Limits = Pick<WatchMetricSpec, 'min' | 'max'>;

const BEYOND_IN_A_ROW = 2;
/** A good reading is recent for so many times `every`: one that fails in between is forgiven. */
const RECENT = 3;

/** @param at milliseconds since the watch began. */
export function seeReading(
  seen: MetricSeen,
  { min, max }: Limits,
  reading: Reading & { readonly at: number },
): MetricSeen {
  if (reading.kind === 'none') return { ...seen, trouble: reading.reason };
  const { value, at } = reading;
  const isGood = (max === null || value <= max) && (min === null || value >= min);
  return {
    readings: seen.readings + 1,
    goodAt: isGood ? at : seen.goodAt,
    at,
    value,
    beyond: isGood ? [] : [...seen.beyond, value].slice(-BEYOND_IN_A_ROW),
    trouble: null,
  };
}

/** What ends a watch: null, or the first metric that was beyond its limits twice in a row. */
export function metricStop(metrics: readonly WatchMetricSpec[], all: readonly MetricSeen[]): Why | null {
  for (const [n, metric] of metrics.entries()) {
    const { beyond } = all[n] ?? NOTHING_SEEN;
    if (beyond.length >= BEYOND_IN_A_ROW)
      return whyOf(
        metric,
        figureText(beyond.at(-1) ?? 0),
        `two readings in a row: ${beyond.map(figureText).join(', ')}`,
      );
  }
  return null;
}

/** Why the watch cannot be healthy now: the first metric without a recent reading within its limits. @param now as `at`. */
export function metricOpen(metrics: readonly WatchMetricSpec[], all: readonly MetricSeen[], now: number): Why | null {
  for (const [n, metric] of metrics.entries()) {
    const seen = all[n] ?? NOTHING_SEEN;
    const isRecent = seen.goodAt !== null && now - seen.goodAt <= RECENT * metric.everyMs;
    if (isRecent && seen.beyond.length === 0) continue;
    return whyOf(metric, stateText(seen), seen.readings === 1 ? '1 reading' : `${seen.readings} readings`);
  }
  return null;
}

/** A metric as people see it while the watch goes on. */
export interface MetricView {
  readonly name: string;
  /** `0.012`, or `unknown: …`. */
  readonly value: string;
  readonly limit: string;
  readonly state: 'within' | 'beyond' | 'unknown';
}

export const metricViews = (metrics: readonly WatchMetricSpec[], all: readonly MetricSeen[]): readonly MetricView[] =>
  metrics.map((metric, n) => viewOf(metric, all[n] ?? NOTHING_SEEN));

function viewOf(metric: WatchMetricSpec, seen: MetricSeen): MetricView {
  const isKnown = seen.trouble === null && seen.value !== null;
  const state = !isKnown ? 'unknown' : seen.beyond.length > 0 ? 'beyond' : 'within';
  return { name: metric.name, value: stateText(seen), limit: limitText(metric), state };
}

/** A metric as it was when its watch ended, for the report. */
export interface MetricResult extends MetricView {
  /** As it was asked: names are put in. */
  readonly query: string;
  readonly source: string;
  readonly readings: number;
  /** How many of the last readings in a row were beyond a limit; two at most. */
  readonly beyond: number;
  /** The last figure, and when it came (epoch milliseconds); null: none ever came. */
  readonly last: { readonly value: string; readonly at: number } | null;
}

/** @param watch when it began (epoch milliseconds), and the names that queries speak of. */
export const metricResults = (
  metrics: readonly WatchMetricSpec[],
  all: readonly MetricSeen[],
  watch: Watched & { readonly startedAt: number },
): readonly MetricResult[] =>
  metrics.map((metric, n) => {
    const seen = all[n] ?? NOTHING_SEEN;
    const { readings, beyond, value, at } = seen;
    return {
      ...viewOf(metric, seen),
      query: fillQuery(metric.query, watch),
      source: sourceText(metric),
      readings,
      beyond: beyond.length,
      last: value === null || at == null ? null : { value: figureText(value), at: watch.startedAt + at },
    };
  });

/** `at most 0.05`, `at least 3`, `between 1 and 5`. */
export function limitText({ min, max }: Limits): string {
  if (min !== null && max !== null) return `between ${figureText(min)} and ${figureText(max)}`;
  return min === null ? `at most ${figureText(max ?? 0)}` : `at least ${figureText(min)}`;
}

export const sourceText = ({ prometheus }: Pick<WatchMetricSpec, 'prometheus'>): string =>
  `Prometheus at ${prometheus}`;

const whyOf = (metric: WatchMetricSpec, value: string, samples: string): Why => ({
  measure: metric.name,
  value,
  limit: limitText(metric),
  samples,
  source: sourceText(metric),
});

function stateText({ trouble, value }: MetricSeen): string {
  if (trouble !== null) return `unknown: ${trouble}`;
  return value === null ? 'unknown: not read yet' : figureText(value);
}

const figureText = (value: number): string => String(Number(value.toPrecision(4)));
