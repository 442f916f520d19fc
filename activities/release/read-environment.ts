/** What really runs and serves, asked of the platform and the router. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterState } from '../../domain/host/router';
import { countersOf, sharesSince } from '../../domain/judge/readings';
import type { MeasuredTraffic } from '../../domain/plan/verdicts';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import { servingRelease } from '../../domain/releases';
import type { ReleaseStatus, ServingHealth } from '../../domain/release';
import type { HttpCheck } from '../gates/http-check';
import { ACCOUNT_NEXT, releaseAccountProblem } from '../../system/release-account';
import type { EnvironmentFacts, EnvironmentQuery } from '../facts-contract';
import type { ReleaseDeps } from './deps';
import { listenRefusals } from './listen-refusals';
import { routeOf } from './route';

/** A short stumble is no broken release: what is unhealthy is asked again after this. */
const AGAIN_MS = 500;

export async function readEnvironment(deps: ReleaseDeps, asked: EnvironmentQuery): Promise<EnvironmentFacts> {
  const { app, environment } = asked;
  const [releases, router, secretVersions] = await Promise.all([
    deps.platform.status(app, environment.name),
    deps.traffic.read(routeOf(asked)),
    versionsOf(deps, asked),
  ]);
  const refusals = await listenRefusals(deps.home, routeOf(asked), router !== null);
  const traffic = weightsOf(router);
  const target = asked.checkServing ? servingRelease({ releases, ...traffic }) : null;
  return {
    environment: environment.name,
    releases,
    ...traffic,
    ...(target === null
      ? {}
      : {
          serving: await healthOf(
            deps.checkOf({ app, environment: environment.name, release: target.release }),
            environment,
            target,
          ),
        }),
    secretVersions,
    traffic: trafficOf(router, environment.watch.errorStatuses),
    refusals: refusals.map((refusal) => `${environment.name}: ${refusal}`),
    ...(await notApart()),
    node: process.versions.node,
  };
}

/** In the same words for every environment, so that it is said once. */
export async function notApart(): Promise<Pick<EnvironmentFacts, 'warnings'>> {
  const problem = await releaseAccountProblem();
  if (problem === null) return {};
  const what = 'releases run as the account of the engine and may read all that it may';
  return { warnings: [`${what}: ${problem}. Next: ${ACCOUNT_NEXT}`] };
}

async function healthOf(
  check: HttpCheck,
  { health }: EnvironmentSpec,
  { release, addresses }: ReleaseStatus,
): Promise<ServingHealth> {
  const results = await Promise.all(
    addresses.map(async (address) => {
      const first = await check(address, health);
      if (first.passed) return first;
      await sleep(AGAIN_MS);
      return check(address, health);
    }),
  );
  const bad = results.filter(({ passed }) => !passed);
  const seen = results.length === 0 ? 'no instance runs' : (bad[0]?.seen ?? null);
  return { release, healthy: results.length - bad.length, of: results.length, seen };
}

export function weightsOf(router: RouterState | null): Pick<EnvironmentFacts, 'weights' | 'measured' | 'lease'> {
  if (router === null) return { weights: {}, measured: {}, lease: null };
  const { weights, lease } = router.table;
  return {
    weights,
    measured: sharesSince(router, null),
    lease: lease && { holder: lease.holder, until: new Date(lease.until).toISOString(), fallback: lease.fallback },
  };
}

/** Fewer answers say nothing of the usual share of errors. */
const LEAST_ANSWERS = 1_000;

function trafficOf(router: RouterState | null, errorStatuses: readonly number[]): MeasuredTraffic | null {
  if (router?.traffic == null) return null;
  const serving = Object.keys(router.table.weights).flatMap((release) => router.figures[release] ?? []);
  const counted = serving.map((figures) => countersOf(figures, errorStatuses));
  const answers = counted.reduce((sum, counters) => sum + counters.answers, 0);
  const errors = counted.reduce((sum, counters) => sum + counters.errors, 0);
  return { ...router.traffic, errors: answers < LEAST_ANSWERS ? null : errors / answers };
}

/** A secret that cannot be resolved has no version; the environment gate says why. */
export async function versionsOf(
  { secrets }: Pick<ReleaseDeps, 'secrets'>,
  { app, environment }: EnvironmentQuery,
): Promise<Record<string, string | null>> {
  const user = { app, environment: environment.name };
  const versions = Object.entries(environment.secrets).map(async ([name, reference]) => {
    return [name, await secrets.version(reference, user)] as const;
  });
  return Object.fromEntries(await Promise.all(versions));
}
