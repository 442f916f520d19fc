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
import { alarm, conclude, judgeBlock, type Block, type Judgement, type Objective } from '../../domain/judge/judge';
import { blockSince, countersOf } from '../../domain/judge/readings';
import type { ReleaseStatus } from '../../domain/release';
import type { ProcessPlatformSpec } from '../../domain/spec/spec';
import type { Why } from '../../domain/words';
import type { WatchRequest } from '../contract';
import type { ReleaseDeps } from './deps';
import { createHealthRounds } from './health-rounds';
import { createProbes } from './probes';
import { routeOf } from './route';
import type { WatchState } from './watch-state';

const STATUS_EVERY_MS = 1_000;

export interface Watch {
  /** One look; answers what ends the watch, or null. */
  look(): Promise<Why | null>;
  conclude(): Judgement;
  state(): WatchState;
  router(): RouterState | null;
  close(): Promise<void>;
}

export function createWatch(deps: ReleaseDeps, request: WatchRequest, from: WatchState): Watch {
  const { watch } = request.environment;
  const objective: Objective = {
    errors: watch.errors,
    slow: watch.slow,
    responseMs: watch.responseMs,
    minimum: watch.minimum,
  };
  const health = createHealthRounds(deps, request);
  const probes = createProbes(deps, request);
  let state = from;
  let router: RouterState | null = null;
  let release: ReleaseStatus | undefined;
  let statusAt = -Infinity;

  const readTraffic = async (): Promise<void> => {
    router = (await deps.traffic.read(routeOf(request))) ?? router;
    if (router === null) return;
    const counters = countersOf(router.figures[request.release], watch.errorStatuses);
    const block = blockSince(counters, state.last?.epoch === router.epoch ? state.last.counters : null);
    const refusedInARow = block.refused > 0 ? state.refusedInARow + 1 : 0;
    state = {
      ...judged(state, block, objective),
      refusedInARow,
      real: state.real + block.answers,
      last: { epoch: router.epoch, counters },
    };
  };

  const readRelease = async (): Promise<void> => {
    if (performance.now() - statusAt < STATUS_EVERY_MS) return;
    statusAt = performance.now();
    const all = await deps.platform.status(request.app, request.environment.name);
    release = all.find((status) => status.release === request.release);
    if (release === undefined) return;
    const restartsBefore = state.restartsBefore ?? restartsOf(release);
    const now = Date.now();
    const recent = state.resources.filter((reading) => now - reading.at <= RESOURCE_WINDOW_MS + STATUS_EVERY_MS);
    const reading = readingOf(release, now, memoryPerInstance(request.environment.platform));
    state = { ...state, restartsBefore, resources: reading === null ? recent : [...recent, reading] };
  };

  return {
    look: async () => {
      await Promise.all([readTraffic(), readRelease()]);
      const own = probes.take();
      state = { ...judged(state, own, objective), own: state.own + own.answers };
      probes.sendUpTo(request, state);
      health.check();
      const facts: HardFacts = {
        now: Date.now(),
        instances: release?.instances ?? [],
        restartsBefore: state.restartsBefore ?? {},
        refusedInARow: state.refusedInARow,
        red: health.red(),
      };
      return (
        hardStop(facts) ?? alarm(state.judge, objective) ?? resourceStop(state.resources, facts.now, watch.resources)
      );
    },
    conclude: () => conclude(state.judge, objective),
    state: () => state,
    router: () => router,
    close: async () => {
      await Promise.all([probes.close(), health.close()]);
    },
  };
}

function judged(state: WatchState, block: Block, objective: Objective): WatchState {
  if (block.answers === 0) return state;
  const now = Date.now();
  const bad = block.errors > 0 ? { firstBadAt: state.firstBadAt ?? now, lastBadAt: now } : {};
  return { ...state, ...bad, judge: judgeBlock(state.judge, block, objective) };
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
