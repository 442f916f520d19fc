/**
 * Another number of instances of a release, while it has traffic or not. More: they are started and healthy before the router knows
 * them. Fewer: the router takes them out, what they have in flight ends, then they stop. Repeatable at any point.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE_SECONDS } from '../../domain/lease';
import { markOf } from '../../domain/judge/readings';
import type { Address } from '../../domain/words';
import type { TrafficFacts } from '../contract';
import { fail } from '../failure';
import { withProgress, type ProgressReport } from '../progress';
import type { ScaledRelease, ScaleRequest } from '../scale-contract';
import type { ReleaseDeps } from './deps';
import { onDisk } from './full-disk';
import { routeOf } from './route';
import { untilHealthy } from './start-release';

const POLL_MS = 100;
const RENEW_MS = 2_000;
/** The router looks for streams that have had their time less often than we look for the end of these. */
const SWEEP_MS = 2_000;

export async function scaleRelease(deps: ReleaseDeps, request: ScaleRequest): Promise<ScaledRelease> {
  return withProgress((report) =>
    whileLeased(deps, { request, report }, async (guarded) => {
      const begun = performance.now();
      const scaled = request.to === 'more' ? await more(deps, request, guarded) : await fewer(deps, request, guarded);
      return { ...scaled, seconds: (performance.now() - begun) / 1_000 };
    }),
  );
}

type Scaled = Omit<ScaledRelease, 'seconds'>;

async function more(deps: ReleaseDeps, request: ScaleRequest, report: ProgressReport): Promise<Scaled> {
  const { release, count } = request;
  report.doing(`starting instances of ${release} until ${count} run`);
  const { instances, checks } = await deps.platform.scale(nameOf(request), count);
  const health = checks?.health ?? request.environment.health;
  const begun = performance.now();
  const { addresses } = await untilHealthy(deps, { request, health, addresses: instances, begun, report });
  const traffic = await tell(deps, request, { [release]: addresses });
  return { addresses, left: 0, traffic };
}

async function fewer(deps: ReleaseDeps, request: ScaleRequest, report: ProgressReport): Promise<Scaled> {
  const { release, count } = request;
  report.doing(`taking instances of ${release} out of the traffic until ${count} are left`);
  // The weights first: who serves must not lose its last instance, nor who would get the traffic back.
  const traffic = await tell(deps, request, {});
  const staying = await stayingOf(deps, request);
  const known = { releases: { [release]: staying }, weights: null, lease: null };
  await onDisk(!request.isUndo, () => deps.traffic.setWeights(routeOf(request), known));
  const left = await drained(deps, request, report);
  report.doing(`stopping instances of ${release}`);
  const { instances } = await deps.platform.scale(nameOf(request), count);
  return { addresses: instances, left, traffic };
}

const nameOf = ({ app, environment, release }: ScaleRequest) => ({ app, environment: environment.name, release });

/** The router's new weights, where others are wanted, and instances that it is to know. */
async function tell(
  { traffic }: ReleaseDeps,
  request: ScaleRequest,
  releases: Readonly<Record<string, readonly Address[]>>,
): Promise<TrafficFacts> {
  const route = routeOf(request);
  return onDisk(!request.isUndo, async () => {
    await traffic.ensure(route);
    const before = (await traffic.read(route))?.table.weights ?? {};
    const change = request.traffic ?? { weights: null, lease: null };
    const state = await traffic.setWeights(route, { releases, ...change });
    return { before, after: state.table.weights, mark: markOf(state), at: new Date(state.now).toISOString() };
  });
}

/** Those with the lowest numbers stay; ones that an earlier attempt took out already are not put in again. */
async function stayingOf(deps: ReleaseDeps, request: ScaleRequest): Promise<readonly Address[]> {
  const { app, environment, release, count } = request;
  const status = (await deps.platform.status(app, environment.name)).find((each) => each.release === release);
  const instances = [...(status?.instances ?? [])].sort((a, b) => a.instance - b.instance).slice(0, count);
  return instances.map(({ port }) => ({ host: '127.0.0.1', port }));
}

/** Waits until nothing is in flight to the instances that were taken out (bounded); answers what is. */
async function drained(deps: ReleaseDeps, request: ScaleRequest, report: ProgressReport): Promise<number> {
  const route = routeOf(request);
  const until = performance.now() + route.drainMs + SWEEP_MS;
  for (;;) {
    const state = await deps.traffic.read(route);
    // A router of an older version does not tell: it gets all of the time.
    const leaving = state?.leaving?.[request.release] ?? (state === null || state.leaving !== undefined ? [] : null);
    const left = leaving === null ? null : leaving.reduce((sum, { inFlight }) => sum + inFlight, 0);
    if (left === 0 || performance.now() >= until) return left ?? 0;
    report.throwIfCancelled();
    report.line(`${left ?? 'an unknown number'} in flight`);
    await sleep(POLL_MS);
  }
}

interface Leased {
  readonly request: ScaleRequest;
  readonly report: ProgressReport;
}

/**
 * Renews the holder's lease while the work lasts: what is started takes longer than a lease.
 * @throws `LeaseExpired` when it ran out, and the work is given up; not in an undo, which goes on.
 */
async function whileLeased<T>(
  { traffic }: ReleaseDeps,
  { request, report }: Leased,
  work: (report: ProgressReport) => Promise<T>,
): Promise<T> {
  const { holder } = request;
  if (holder === null) return work(report);
  const lost = new AbortController();
  const renew = async (): Promise<void> => {
    const isHeld = await traffic.lease(routeOf(request), { kind: 'renew', holder, seconds: LEASE_SECONDS });
    if (!isHeld && !request.isUndo) lost.abort();
  };
  await renew();
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_MS); // the next one will do
  const throwIfLost = (): void => {
    if (lost.signal.aborted)
      throw fail('LeaseExpired', 'the lease ran out, and the router gave the traffic back by itself');
  };
  try {
    throwIfLost();
    return await work({
      ...report,
      signal: AbortSignal.any([report.signal, lost.signal]),
      throwIfCancelled: () => {
        throwIfLost();
        report.throwIfCancelled();
      },
    });
  } catch (error) {
    if (!report.signal.aborted) throwIfLost();
    throw error;
  } finally {
    clearInterval(timer);
  }
}
