/**
 * Every activity without its machine: the promises of the contract are kept on a world in memory, at once, and time is that of the
 * test's server. Only where real durations cannot be waited for.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ActivityCancelledError } from '@temporalio/client';
import type { Activities, ReleaseRef, SetWeightsRequest, WatchRequest } from '../../activities/contract';
import type { EnvironmentFacts } from '../../activities/facts-contract';
import type { RecordRequest } from '../../activities/record-query';
import { fail } from '../../activities/failure';
import { createPlanActivities } from '../../activities/plan';
import type { AuditEntry } from '../../domain/audit';
import type { GateName, GateResult } from '../../domain/gates/gate';
import { NO_FIGURES, type WatchResult } from '../../domain/judge/figures';
import { inForce, sameStanding, type FreezeStanding, type FreezeView } from '../../domain/freezes/freeze';
import type { ReleaseStatus } from '../../domain/release';
import type { JudgeVerdict, Tier, Weights } from '../../domain/words';

/** The time of the server: it stands still unless somebody passes it. */
export interface Clock {
  now(): Promise<number>;
  pass(ms: number): Promise<void>;
  /** The same for an activity that takes this time. */
  passWithin(ms: number): Promise<void>;
  /** For an activity that waits for others. */
  goesOnDuring(work: () => Promise<void>): Promise<void>;
}

/** What stand-ins ask the server. */
export interface Server {
  /** Tells it that the activity with this token lives; throws when it was cancelled. */
  readonly beat: (token: Uint8Array) => Promise<void>;
  /** Ids of the activities of a workflow that have not ended. */
  readonly underWay: (workflowId: string) => Promise<readonly string[]>;
}

interface Place {
  releases: ReleaseStatus[];
  weights: Weights;
  lease: { readonly holder: string; readonly until: number; readonly fallback: Weights } | null;
}

export interface World {
  readonly activities: Activities;
  /** Written entries of the audit log of an application, in their order. */
  audited(app: string): readonly AuditEntry[];
  /** The version that has all traffic. */
  serves(app: string, environment: Tier): string | null;
  /** Versions that are there, newest first. */
  kept(app: string, environment: Tier): readonly string[];
  /** Name of the release of a version. */
  named(app: string, environment: Tier, version: string): string | null;
  /** Told of every activity that begins, which waits until it has heard. */
  onActivity: ((app: string) => Promise<void>) | null;
  /** What the watches of `app/environment` find; missing: `healthy`. */
  readonly verdicts: Map<string, JudgeVerdict>;
  /** `app/environment` whose releases cannot be stopped: the activity lives, and never ends. */
  readonly stuck: Set<string>;
  /** Freezes of applications. */
  readonly freezes: FreezeView[];
  /** Seconds that phases of every application took before. */
  readonly took: Map<string, readonly number[]>;
}

/** A watch heartbeats every second; the server misses one after five. */
const BEAT_MS = 4_000;
const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export function standIns(clock: Clock, { beat, underWay }: Server): World {
  const places = new Map<string, Place>();
  const written = new Map<string, RecordRequest['entries'][number]>();
  const verdicts = new Map<string, JudgeVerdict>();
  const stuck = new Set<string>();
  const took = new Map<string, readonly number[]>();
  const freezes: FreezeView[] = [];

  /** As it is now: a lease that nobody renewed is over, and the traffic went back. */
  const placeOf = async (app: string, environment: string): Promise<Place> => {
    const key = `${app}/${environment}`;
    const place = places.get(key) ?? { releases: [], weights: {}, lease: null };
    places.set(key, place);
    if (place.lease !== null && (await clock.now()) > place.lease.until) {
      Object.assign(place, { weights: place.lease.fallback, lease: null });
    }
    return place;
  };
  const at = ({ app, environment }: Pick<ReleaseRef, 'app' | 'environment'>): Promise<Place> =>
    placeOf(app, environment.name);

  const run = async (ref: ReleaseRef, change: Partial<ReleaseStatus>): Promise<{ addresses: []; seconds: number }> => {
    const place = await at(ref);
    const known = place.releases.find(({ release }) => release === ref.release);
    const others = place.releases.filter(({ release }) => release !== ref.release);
    place.releases = [
      { ...started(ref, await clock.now()), ...known, state: 'running' as const, ...change },
      ...others,
    ];
    return { addresses: [], seconds: 0 };
  };

  const activities: Activities = {
    identifySource: async ({ directory }) => ({ remote: null, path: '', folder: directory }),
    changePolicy: async () => ({ kind: 'changed', words: '' }),
    keepPolicy: async ({ claims }) => ({
      kind: 'admitted',
      approvals: claims.map(({ environment, approval }) => ({ environment, approval })),
      weaker: [],
      recorded: [],
      anchored: false,
    }),
    keptEnvironment: async () => null,
    snapshotSource: async ({ directory, version, dirty, asked }) => {
      const digest = digestOf(`${directory} ${version ?? ''}`);
      const said = version ?? digest.slice(7, 14);
      return {
        digest,
        inputs: digest,
        version: said,
        commit: null,
        tag: null,
        dirty,
        files: 1,
        bytes: 1,
        warnings: [],
        ...(asked && { admitted: { spec: asked, repository: { remote: null, path: '', folder: directory } } }),
      };
    },
    runTests: async () => passed('tests'),
    proveStatement: async () => ({ kind: 'claim', kept: false }),
    proveRequest: async () => ({ kind: 'claim', kept: false }),
    checkKeys: async () => [],
    anchorAudit: async () => null,
    changeIdentities: async () => [],
    awaitSource: async () => undefined,
    awaitReleaseSource: async () => undefined,
    buildArtifact: async ({ snapshot: { inputs } }) => {
      return { digest: inputs, inputs, kind: 'tar', files: 1, bytes: 1, built: true, seconds: 0, warnings: [] };
    },
    readEnvironment: async (request) => factsOf(request.environment.name, await at(request)),
    readMachine: async () => [],
    checkEnvironment: async () => passed('environment'),
    startRelease: (request) => run(request, { version: request.version, artifact: request.artifact.digest }),
    restartRelease: async (request) => {
      const { releases } = await at(request);
      if (!releases.some(({ release }) => release === request.release)) {
        throw fail('StartFailed', `nothing of ${request.release} is kept`);
      }
      return run(request, {});
    },
    scaleRelease: async (request) => {
      const place = await at(request);
      const { weights, lease } = request.traffic ?? { weights: place.weights, lease: null };
      const before = place.weights;
      const now = await clock.now();
      if (request.traffic !== null) Object.assign(place, { weights, lease: leaseOf({ lease }, now) });
      await run(request, { wanted: request.count, state: request.count === 0 ? 'stopped' : 'running' });
      const traffic = { before, after: weights, mark: null, at: new Date(now).toISOString() };
      return { addresses: [], seconds: 0, left: 0, traffic };
    },
    smokeRelease: async () => passed('smoke'),
    integrateRelease: async () => passed('integration'),
    setWeights: async (request) => {
      const place = await at(request);
      const before = place.weights;
      const now = await clock.now();
      Object.assign(place, { weights: request.weights, lease: leaseOf(request, now) });
      return { before, after: request.weights, mark: null, at: new Date(now).toISOString() };
    },
    watchRelease: (request) => watch(request),
    proveRelease: async (request) => {
      const place = await at(request);
      if ((place.weights[request.release] ?? 0) === 0) throw fail('LeaseExpired', `${request.release} has no traffic`);
      place.lease = null;
      place.releases = place.releases.map((known) =>
        known.release === request.release ? { ...known, proven: true } : known,
      );
    },
    diagnoseRelease: async () => ({ causes: [], looked: [], unexplained: [], impact: null }),
    drainRelease: async (request) => {
      refuseServing(await at(request), request.release);
      return { left: 0, seconds: 0 };
    },
    stopRelease: async (request) => {
      const { taskToken } = Context.current().info;
      while (stuck.has(`${request.app}/${request.environment.name}`)) {
        await beat(taskToken);
        await clock.passWithin(BEAT_MS);
      }
      const place = await at(request);
      refuseServing(place, request.release);
      place.releases = place.releases.flatMap((known) => {
        if (known.release !== request.release) return [known];
        return request.keep ? [{ ...known, state: 'stopped' as const }] : [];
      });
    },
    ...createPlanActivities(),
    record: async ({ run: id, app, entries }) => {
      for (const entry of entries) written.set(`${app} ${id} ${entry.sequence}`, entry);
    },
    notify: async () => [],
    writeReport: async ({ app, version }) => {
      await othersEnded();
      return `/reports/${app}/${version}`;
    },
    readHistory: async () => ({ phases: Object.fromEntries(took) }),
    awaitEnd: async () => undefined,
    makeRoom: async () => ({ accepted: true, reason: '' }),
    freezeStanding: async ({ app, known }) => {
      const standing = async (): Promise<FreezeStanding> => {
        const views = freezes.filter((freeze) => freeze.app === app);
        return { kind: 'known', inForce: inForce(views, app, await clock.now()), freezes: views };
      };
      const { taskToken } = Context.current().info;
      for (;;) {
        const now = await standing();
        if (known === null || !sameStanding(known, now)) return now;
        await beat(taskToken);
        await clock.passWithin(BEAT_MS);
      }
    },
    wakeParked: async () => null,
    changeFreezes: async () => ({ changed: [], freezes: [] }),
    readPast: async () => [],
    readEarlier: async () => ({ history: { phases: Object.fromEntries(took), timings: {} }, past: [] }),
    inspectRecords: async () => null,
  };

  /** The server keeps the lock on its time of an activity that ends after its workflow, as a watch that was given up may. */
  async function othersEnded(): Promise<void> {
    const { workflowExecution, activityId } = Context.current().info;
    const others = async (): Promise<boolean> =>
      (await underWay(workflowExecution?.workflowId ?? '')).some((id) => id !== activityId);
    if (!(await others())) return;
    await clock.goesOnDuring(async () => {
      while (await others()) await sleep(10);
    });
  }

  async function watch(request: WatchRequest): Promise<WatchResult> {
    const { taskToken } = Context.current().info;
    const until = request.startedAt + request.forMs;
    const verdict = (): JudgeVerdict => verdicts.get(`${request.app}/${request.environment.name}`) ?? 'healthy';
    for (let now = await clock.now(); now < until && verdict() !== 'unhealthy'; now = await clock.now()) {
      if (await isCancelled(taskToken)) break;
      const place = await at(request);
      if (place.lease?.holder === request.holder) place.lease = { ...place.lease, until: now + LEASE_MS };
      await clock.passWithin(Math.min(BEAT_MS, until - now));
    }
    return resultOf(verdict(), ((await clock.now()) - request.startedAt) / 1000);
  }

  const isCancelled = async (token: Uint8Array): Promise<boolean> => {
    try {
      await beat(token);
      return false;
    } catch (error) {
      if (error instanceof ActivityCancelledError) return true;
      throw error;
    }
  };

  const releasesOf = (app: string, environment: Tier): readonly ReleaseStatus[] =>
    places.get(`${app}/${environment}`)?.releases ?? [];

  const world: World = {
    activities: telling(activities, (app) => world.onActivity?.(app)),
    onActivity: null,
    verdicts,
    stuck,
    took,
    freezes,
    audited: (app) => [...written].filter(([key]) => key.startsWith(`${app} `)).map(([, entry]) => entry),
    serves: (app, environment) => {
      const weights = places.get(`${app}/${environment}`)?.weights ?? {};
      return releasesOf(app, environment).find(({ release }) => weights[release] === 100)?.version ?? null;
    },
    named: (app, environment, version) =>
      releasesOf(app, environment).find((known) => known.version === version)?.release ?? null,
    kept: (app, environment) => releasesOf(app, environment).map(({ version }) => version),
  };
  return world;
}

/** The same activities, each of which is told of first. */
function telling(activities: Activities, tell: (app: string) => Promise<void> | undefined): Activities {
  const told = Object.entries(activities as Record<keyof Activities, (request: never) => Promise<unknown>>).map(
    ([name, activity]) => [
      name,
      async (request: never) => {
        const { workflowExecution } = Context.current().info;
        await tell(workflowExecution?.workflowId.split('/')[1] ?? '');
        return activity(request);
      },
    ],
  );
  return Object.fromEntries(told) as Activities;
}

const LEASE_MS = 15_000;

const leaseOf = ({ lease }: Pick<SetWeightsRequest, 'lease'>, now: number): Place['lease'] =>
  lease && { holder: lease.holder, until: now + lease.seconds * 1000, fallback: lease.fallback };

const started = ({ release, environment }: ReleaseRef, createdAt: number): ReleaseStatus => ({
  release,
  version: release,
  artifact: '',
  environment: environment.name,
  state: 'running',
  proven: false,
  createdAt,
  instances: [],
  addresses: [],
});

const factsOf = (environment: Tier, { releases, weights, lease }: Place): EnvironmentFacts => ({
  environment,
  releases,
  weights,
  measured: {},
  lease: lease && { ...lease, until: new Date(lease.until).toISOString() },
  secretVersions: {},
  refusals: [],
  node: process.versions.node,
});

function refuseServing({ weights }: Place, release: string): void {
  if ((weights[release] ?? 0) > 0)
    throw fail('ReleaseServes', `${release} has ${weights[release] ?? 0} % of the traffic`);
}

const passed = (gate: GateName): GateResult => ({
  gate,
  verdict: 'passed',
  summary: 'passed',
  findings: [],
  seconds: 0,
});

const resultOf = (verdict: JudgeVerdict, seconds: number): WatchResult => ({
  verdict,
  reason: `${verdict} after ${seconds} s`,
  why: null,
  newRelease: NO_FIGURES,
  oldRelease: null,
  real: 0,
  own: verdict === 'healthy' ? 30 : 0,
  givenBack: false,
  firstBadAt: null,
  lastBadAt: null,
  seconds,
});
