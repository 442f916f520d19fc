/** What a watch looks at: figures of one release between two readings of the router, and the judge's answer. */
import type { JudgeVerdict, Why } from '../words';
import type { MetricResult, MetricView } from './outside';
import type { Series } from './series';

export interface Figures {
  readonly requests: number;
  /** 5xx, no answer, and statuses that the spec lists. */
  readonly errors: number;
  /** Slower than the objective. */
  readonly slow: number;
  readonly inFlight: number;
  /** Milliseconds; null without answers. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly clients: number;
  readonly clientsWithErrors: number;
}

/** Of a release that nobody asked anything. */
export const NO_FIGURES: Figures = {
  requests: 0,
  errors: 0,
  slow: 0,
  inFlight: 0,
  p50Ms: null,
  p95Ms: null,
  clients: 0,
  clientsWithErrors: 0,
};

export interface WatchResult {
  readonly verdict: JudgeVerdict;
  /** One sentence with value, limit, sample size and source. */
  readonly reason: string;
  readonly why: Why | null;
  readonly newRelease: Figures;
  readonly oldRelease: Figures | null;
  /** Answers that users got, and answers to requests that the watch sent itself. */
  readonly real: number;
  readonly own: number;
  /** On `unhealthy`: the weights were given back before this result was reported. */
  readonly givenBack: boolean;
  /** Epoch milliseconds of the first and the last bad answer seen, where there were any. */
  readonly firstBadAt: number | null;
  readonly lastBadAt: number | null;
  readonly seconds: number;
  /** Epoch milliseconds of the verdict, and on `unhealthy` of the moment when the traffic was back. Absent in results of older workers. */
  readonly decidedAt?: number;
  readonly givenBackAt?: number;
  /** Figures from outside, as they were at the end. Absent, or views alone, in results of older workers. */
  readonly metrics?: readonly (MetricView & Partial<MetricResult>)[];
  /** The course, for reports. */
  readonly series?: Series;
}

/** Percent of the requests of users during a watch that the new release had; null when nobody asked anything. */
export function shareOfNew({ newRelease, oldRelease }: Pick<WatchResult, 'newRelease' | 'oldRelease'>): number | null {
  const total = newRelease.requests + (oldRelease?.requests ?? 0);
  return total === 0 ? null : (newRelease.requests / total) * 100;
}
