/** How an application stands: its running deployment, or the last one beside what really runs and serves now. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentFacts, MachineFacts } from '../activities/facts-contract';
import type { DeploymentStatus, ReleaseView } from '../domain/deployment';
import { heldWords } from '../domain/gates/start-failure';
import { returnable, servingRelease } from '../domain/releases';
import type { FreezeStanding } from '../domain/freezes/freeze';
import type { Place as LinePlace } from '../domain/line';
import type { Spec } from '../domain/spec/spec';
import { TIERS, type Tier } from '../domain/words';
import type { Deployments } from './deployments';
import type { Look, RunState } from './deployment';
import { EngineUnreachable, Refused } from './errors';

export interface Standing {
  readonly app: string;
  /** The running deployment, or the last; null when Temporal knows of none. */
  readonly status: DeploymentStatus | null;
  readonly state: RunState | null;
  readonly webUi: string | null;
  /** What is done now, or tried again; missing: nothing runs. */
  readonly activities?: Look['activities'];
  /** While one runs: as it sees them; else asked of the platform and the router. */
  readonly releases: readonly ReleaseView[];
  readonly wayBack: DeploymentStatus['wayBack'];
  /** null: no worker that could say so answered. */
  readonly freezes: FreezeStanding | null;
  /** Those that wait until the running deployment has ended, the next one first. */
  readonly line: readonly LinePlace[];
}

/**
 * @param spec the application's, where it is at hand: its environments are asked then, wherever they are; else this machine.
 * @returns null when nothing is known of the application.
 */
export async function standingOf(deployments: Deployments, app: string, spec: Spec | null): Promise<Standing | null> {
  const deployment = await deployments.current(app);
  const [look, freezes, line] = await Promise.all([
    deployment === null ? null : deployment.look(),
    freezesOf(deployments, app),
    deployments.line(app),
  ]);
  const webUi = deployment?.webUi ?? null;
  if (look !== null && look.state === 'running') {
    const { status, state, activities } = look;
    return {
      app,
      status,
      state,
      webUi,
      activities,
      releases: releasesNow(look),
      wayBack: status.wayBack,
      freezes,
      line,
    };
  }
  const places = await readPlaces(deployments, app, spec);
  if (look === null && places.every(({ releases }) => releases.length === 0)) return null;
  const releases = places.flatMap(releaseViews);
  const { status = null, state = null } = look ?? {};
  return { app, status, state, webUi, releases, wayBack: wayBackOf(places), freezes, line };
}

/** How a deployment stands must be seen also where this cannot be asked. */
async function freezesOf(deployments: Deployments, app: string): Promise<FreezeStanding | null> {
  try {
    const standing = await deployments.freezeStanding(app);
    return 'kind' in standing ? standing : null;
  } catch (error) {
    if (error instanceof EngineUnreachable || error instanceof Refused) return null;
    throw error;
  }
}

/**
 * Weight and measured share of what has traffic on this machine, of an application or of all (null).
 * @returns null when no worker that could say so answered soon.
 */
export async function servingNow(
  deployments: Pick<Deployments, 'inspect'>,
  app: string | null,
): Promise<readonly ReleaseView[] | null> {
  const asked = deployments.inspect<readonly MachineFacts[]>({ kind: 'machine', app });
  try {
    const machine = await Promise.race([asked, sleep(SERVING_MS, null, { ref: false })]);
    return machine?.flatMap(releaseViews).filter(({ weight }) => weight > 0) ?? null;
  } catch (error) {
    if (error instanceof EngineUnreachable || error instanceof Refused) return null;
    throw error;
  }
}

/** A list of what was is not kept from people by what is. */
const SERVING_MS = 5_000;

/** As the deployment sees them; while it watches, with the weights and shares that its watch reads from the router. */
export function releasesNow({ status, activities }: Pick<Look, 'status' | 'activities'>): readonly ReleaseView[] {
  const live = activities.map(({ progress }) => progress).find((progress) => progress?.kind === 'watch');
  if (live === undefined || live === null) return status.releases;
  return status.releases.map((view) =>
    view.environment === status.environment
      ? { ...view, weight: live.weights[view.release] ?? view.weight, measured: live.measured[view.release] ?? null }
      : view,
  );
}

/** What environments and machines have in common. */
export type Place = Pick<MachineFacts, 'releases' | 'weights' | 'measured'> & {
  readonly environment: string;
  readonly lease: EnvironmentFacts['lease'];
};

async function readPlaces(deployments: Deployments, app: string, spec: Spec | null): Promise<readonly Place[]> {
  if (spec?.app === app) {
    const { environments } = spec;
    return deployments.inspect<readonly EnvironmentFacts[]>({ kind: 'environments', app, environments });
  }
  const machine = await deployments.inspect<readonly MachineFacts[]>({ kind: 'machine', app });
  return machine
    .map((facts) => ({ ...facts, lease: null }))
    .sort((a, b) => TIERS.indexOf(tierOf(a.environment)) - TIERS.indexOf(tierOf(b.environment)));
}

export const releaseViews = ({
  environment,
  releases,
  weights,
  measured,
}: Omit<Place, 'lease'>): readonly ReleaseView[] =>
  releases.map(({ release, version, artifact, state, instances }) => ({
    environment: tierOf(environment),
    release,
    version,
    artifact,
    weight: weights[release] ?? 0,
    measured: measured[release] ?? null,
    state,
    ...problemOf(instances),
  }));

function problemOf(instances: Place['releases'][number]['instances']): Pick<ReleaseView, 'problem'> {
  const kept = instances.find(({ heldBy }) => heldBy !== undefined);
  if (kept === undefined) return {};
  return { problem: heldWords(kept) };
}

const tierOf = (name: string): Tier => TIERS.find((tier) => tier === name) ?? 'production';

/** Of the last environment in which something serves. */
export function wayBackOf(places: readonly Place[]): DeploymentStatus['wayBack'] {
  const last = places.filter((place) => servingRelease(place) !== null).at(-1);
  if (last === undefined) return { open: false, reason: 'nothing serves', closes: null };
  const [first] = returnable(last);
  if (first === undefined) {
    const reason = `no earlier release is kept in ${last.environment}; what serves can only be replaced, by \`mvca deploy\``;
    return { open: false, reason, closes: null };
  }
  const reason = `${first.version} (${first.release}) is kept in ${last.environment}, ${first.state}`;
  return { open: true, reason, closes: null };
}
