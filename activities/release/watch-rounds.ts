/** One look after another at everything that can go wrong with a release that has traffic. */
import { totalmem } from 'node:os';
import type { RouterState } from '../../domain/host/router';
import {
  hardStop,
  resourceStop,
  RESOURCE_WINDOW_MS,
  type HardFacts,
  type ResourceReading,
} from '../../domain/judge/hard-stops';
import { whyOf, type Finding } from '../../domain/judge/finding';
import { alarm } from '../../domain/judge/judge';
import { metricStop } from '../../domain/judge/outside';
import { isAloneIn, judgeAnswered, judgeReading, verdictOf, type OwnAnswers } from '../../domain/judge/watching';
import type { ReleaseStatus } from '../../domain/release';
import type { ProcessPlatformSpec } from '../../domain/spec/spec';
import type { Address, Why } from '../../domain/words';
import type { WatchRequest } from '../contract';
import type { ReleaseDeps } from './deps';
import { createHealthRounds } from './health-rounds';
import { createMetricRounds, metricsOf } from './metric-rounds';
import { createProbes } from './probes';
import { routeOf } from './route';
import { statusOf } from './start-release';
import { watchClock } from './watch-clock';
import { endOfWatch, type End } from './watch-end';
import { NO_RECORDING } from './watch-recording';
import { createRecorder } from './watch-series';
import type { WatchState } from './watch-state';
import { watchedBy } from './watched-by';

const STATUS_EVERY_MS = 1_000;

export interface Watch {
  /** One look; answers what ends the watch, or null. */
  look(): Promise<Why | null>;
  /** The verdict, if the watch ended now. */
  conclude(): End;
  /** Writes down what was said at the end, where watches are recorded. */
  recordEnd(end: End): void;
  /** Whether requests of its own are under way. */
  isAsking(): boolean;
  state(): WatchState;
  router(): RouterState | null;
  close(): Promise<void>;
}

export function createWatch(deps: ReleaseDeps, request: WatchRequest, from: WatchState): Watch {
  const { objective } = watchedBy(request);
  const recording = deps.recordWatch?.(request) ?? NO_RECORDING;
  const health = createHealthRounds(deps, request);
  const probes = createProbes(deps, request);
  const outside = createMetricRounds(deps, request);
  const watchedMs = watchClock(request.startedAt, from.watchedMs);
  const record = createRecorder(request);
  let state = from;
  let router: RouterState | null = null;
  let release: ReleaseStatus | null = null;
  let statusAt = -Infinity;
  let readAt = performance.now();

  /** Answers what the router said; null: nothing. */
  const ask = async (): Promise<RouterState | null> => {
    const statusIsDue = performance.now() - statusAt >= STATUS_EVERY_MS;
    if (statusIsDue) statusAt = performance.now();
    const [traffic, runs] = await Promise.all([
      deps.traffic.read(routeOf(request)).catch(() => null), // away for a moment: looked at again
      statusIsDue ? statusOf(deps, request) : release,
    ]);
    release = runs;
    if (traffic !== null) {
      readAt = performance.now();
      state = withTraffic(state, { now: traffic, before: router, record }, request);
    }
    router = traffic ?? router;
    if (statusIsDue && runs !== null) state = withRelease(state, runs, request);
    return traffic;
  };

  return {
    look: async () => {
      state = { ...state, watchedMs: watchedMs() };
      const read = await ask();
      const answered = probes.take();
      recording.look(state.watchedMs, read, answered);
      state = withOwn(state, answered, request);
      probes.sendUpTo(request, state, besideOf(router, request));
      health.check();
      state = { ...state, metrics: outside.look(state.metrics ?? [], state.watchedMs) };
      const facts = hardFactsOf(state, release, health.red());
      return hardStop(facts) ?? whyOrNull(alarm(state.judge, objective)) ?? limitStop(state, request);
    },
    conclude: () => endOfWatch(request, { state, router, unreadMs: performance.now() - readAt }),
    recordEnd: ({ verdict }) => {
      const by = verdictOf(state.judge, router, watchedBy(request)).verdict === verdict ? 'judge' : 'other';
      recording.end({ end: { verdict, at: verdict === 'unhealthy' ? state.watchedMs : null, by } });
    },
    isAsking: () => probes.isAsking(),
    state: () => state,
    router: () => router,
    close: async () => {
      recording.close();
      await Promise.all([probes.close(), health.close(), outside.close()]);
    },
  };
}

const hardFactsOf = (state: WatchState, release: ReleaseStatus | null, red: HardFacts['red']): HardFacts => ({
  now: Date.now(),
  instances: release?.instances ?? [],
  restartsBefore: state.restartsBefore ?? {},
  refusedInARow: state.refusedInARow,
  red,
});

const limitStop = (state: WatchState, request: WatchRequest): Why | null =>
  resourceStop(state.resources, state.watchedMs, request.environment.watch.resources) ??
  metricStop(metricsOf(request), state.metrics ?? []);

const whyOrNull = (finding: Finding | null): Why | null => (finding === null ? null : whyOf(finding));

interface Readings {
  readonly now: RouterState;
  /** The reading before, where this attempt has one. */
  readonly before: RouterState | null;
  readonly record: ReturnType<typeof createRecorder>;
}

function withTraffic(state: WatchState, { record, ...readings }: Readings, request: WatchRequest): WatchState {
  const at = state.watchedMs;
  const { judge, last, traffic } = judgeReading(state, { at, ...readings }, watchedBy(request));
  const { newSide, refused } = traffic;
  return {
    ...withBad({ ...state, judge, last }, newSide.errors),
    refusedInARow: refused > 0 ? state.refusedInARow + 1 : 0,
    real: state.real + newSide.answers,
    ...(state.series && { series: record(state.series, { at, ...readings, traffic }) }),
  };
}

function withOwn(state: WatchState, answered: OwnAnswers, request: WatchRequest): WatchState {
  const judge = judgeAnswered(state.judge, { at: state.watchedMs, ...answered }, watchedBy(request));
  const { answers, errors } = answered.newRelease;
  return { ...withBad({ ...state, judge }, errors), own: state.own + answers };
}

/** Instances of the old release while it has traffic as well. */
function besideOf(router: RouterState | null, { oldRelease }: WatchRequest): readonly Address[] {
  if (router === null || oldRelease === null || isAloneIn(router, oldRelease)) return [];
  return router.table.releases[oldRelease]?.instances ?? [];
}

function withRelease(state: WatchState, release: ReleaseStatus, request: WatchRequest): WatchState {
  const now = state.watchedMs;
  const recent = state.resources.filter((reading) => now - reading.at <= RESOURCE_WINDOW_MS + STATUS_EVERY_MS);
  const reading = readingOf(release, now, memoryPerInstance(request.environment.platform));
  return {
    ...state,
    restartsBefore: state.restartsBefore ?? restartsOf(release),
    resources: reading === null ? recent : [...recent, reading],
  };
}

function withBad(state: WatchState, errors: number): WatchState {
  const now = Date.now();
  return errors === 0 ? state : { ...state, firstBadAt: state.firstBadAt ?? now, lastBadAt: now };
}

/** What one instance may use: as the spec says, else its share of the machine. */
const memoryPerInstance = (platform: ProcessPlatformSpec): number =>
  platform.memoryBytes ?? totalmem() / platform.instances;

const restartsOf = (release: ReleaseStatus): Record<string, number> =>
  Object.fromEntries(release.instances.map(({ instance, restarts }) => [String(instance), restarts]));

function readingOf(release: ReleaseStatus, at: number, memoryPerInstance: number): ResourceReading | null {
  const known = release.instances.filter((instance) => instance.cpu !== null && instance.memoryBytes !== null);
  if (known.length === 0) return null;
  return {
    at,
    cpu: Math.max(...known.map((instance) => instance.cpu ?? 0)),
    memory: Math.max(...known.map((instance) => instance.memoryBytes ?? 0)) / memoryPerInstance,
  };
}
