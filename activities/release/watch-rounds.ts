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
import { NO_ANSWERS, type Moment } from '../../domain/judge/comparing';
import { whyOf, type Finding } from '../../domain/judge/finding';
import { alarm, judgeMoment, judgeOwn } from '../../domain/judge/judge';
import { metricStop } from '../../domain/judge/outside';
import type { ReleaseStatus } from '../../domain/release';
import type { ProcessPlatformSpec } from '../../domain/spec/spec';
import type { Address, Why } from '../../domain/words';
import type { WatchRequest } from '../contract';
import type { ReleaseDeps } from './deps';
import { createHealthRounds } from './health-rounds';
import { createMetricRounds, metricsOf } from './metric-rounds';
import { createProbes, type Answered } from './probes';
import { routeOf } from './route';
import { statusOf } from './start-release';
import { watchClock } from './watch-clock';
import { endOfWatch, objectiveOf, type End } from './watch-end';
import { trafficSince } from './traffic-since';
import { createRecorder } from './watch-series';
import type { WatchState } from './watch-state';

const STATUS_EVERY_MS = 1_000;

export interface Watch {
  /** One look; answers what ends the watch, or null. */
  look(): Promise<Why | null>;
  /** The verdict, if the watch ended now. */
  conclude(): End;
  /** Whether requests of its own are under way. */
  isAsking(): boolean;
  state(): WatchState;
  router(): RouterState | null;
  close(): Promise<void>;
}

export function createWatch(deps: ReleaseDeps, request: WatchRequest, from: WatchState): Watch {
  const objective = objectiveOf(request);
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

  const ask = async (): Promise<void> => {
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
  };

  return {
    look: async () => {
      state = { ...state, watchedMs: watchedMs() };
      await ask();
      state = withOwn(state, probes.take(), request);
      probes.sendUpTo(request, state, besideOf(router, request));
      health.check();
      state = { ...state, metrics: outside.look(state.metrics ?? [], state.watchedMs) };
      const facts = hardFactsOf(state, release, health.red());
      return hardStop(facts) ?? whyOrNull(alarm(state.judge, objective)) ?? limitStop(state, request);
    },
    conclude: () => endOfWatch(request, { state, router, unreadMs: performance.now() - readAt }),
    isAsking: () => probes.isAsking(),
    state: () => state,
    router: () => router,
    close: async () => {
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
  const traffic = trafficSince(state.last, readings, request);
  const { last, newSide, oldSide, refused } = traffic;
  const isAlone = isAloneIn(readings.now, request.oldRelease);
  return {
    ...withBad(judged(state, { at: state.watchedMs, newSide, oldSide }, request, isAlone), newSide.errors),
    refusedInARow: refused > 0 ? state.refusedInARow + 1 : 0,
    real: state.real + newSide.answers,
    last,
    ...(state.series && { series: record(state.series, { at: state.watchedMs, ...readings, traffic }) }),
  };
}

function withOwn(state: WatchState, { newRelease, oldRelease }: Answered, request: WatchRequest): WatchState {
  const moment: Moment = {
    at: state.watchedMs,
    newSide: { ...NO_ANSWERS, ...newRelease },
    oldSide: { ...NO_ANSWERS, ...oldRelease },
  };
  const after =
    oldRelease.answers > 0 ? { ...state, judge: judgeOwn(state.judge, moment) } : judged(state, moment, request, true);
  return { ...withBad(after, newRelease.errors), own: state.own + newRelease.answers };
}

/** Instances of the old release while it has traffic as well. */
function besideOf(router: RouterState | null, { oldRelease }: WatchRequest): readonly Address[] {
  if (router === null || oldRelease === null || isAloneIn(router, oldRelease)) return [];
  return router.table.releases[oldRelease]?.instances ?? [];
}

const isAloneIn = ({ table }: RouterState, oldRelease: string | null): boolean =>
  oldRelease === null || (table.weights[oldRelease] ?? 0) === 0;

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

const judged = (state: WatchState, moment: Moment, request: WatchRequest, isAlone: boolean): WatchState => ({
  ...state,
  judge: judgeMoment(state.judge, moment, objectiveOf(request), isAlone),
});

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
