/** The ways in which a release's time under traffic ends: proven, drained, stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LastRequests } from '../../domain/diagnosis/impact';
import type { ReleaseFigures } from '../../domain/host/router';
import { countersOf, countersSince } from '../../domain/judge/readings';
import type { ReleaseRef } from '../contract';
import type { Drained } from '../scale-contract';
import { fail } from '../failure';
import { withProgress } from '../progress';
import type { ReleaseDeps } from './deps';
import { routeOf } from './route';

const POLL_MS = 100;

export async function proveRelease(
  deps: ReleaseDeps,
  request: ReleaseRef & { readonly holder: string },
): Promise<void> {
  const { app, environment, release, holder } = request;
  const route = routeOf(request);
  const state = await deps.traffic.read(route);
  const weight = state?.table.weights[release] ?? 0;
  if (weight === 0)
    throw fail(
      'LeaseExpired',
      `${release} has no traffic any more: its lease ran out and the router gave the traffic back`,
    );
  if (state?.table.lease != null) await deps.traffic.lease(route, { kind: 'prove', holder });
  await deps.platform.mark({ app, environment: environment.name, release }, { proven: true });
}

export async function drainRelease(deps: ReleaseDeps, request: ReleaseRef): Promise<Drained> {
  const route = routeOf(request);
  const { release } = request;
  const begun = performance.now();
  return withProgress(async (report) => {
    report.doing(`waiting for what ${release} has in flight`);
    let left = 0;
    let [first, now]: [ReleaseFigures | undefined, ReleaseFigures | undefined] = [undefined, undefined];
    while (performance.now() - begun < route.drainMs) {
      const state = await deps.traffic.read(route);
      refuseServing(release, state?.table.weights[release] ?? 0);
      now = state?.figures[release];
      first ??= now;
      left = now?.inFlight ?? 0;
      if (left === 0) break;
      report.throwIfCancelled();
      report.line(`${left} in flight`);
      await sleep(POLL_MS);
    }
    await deps.traffic.forget(route, release);
    const last = now === undefined ? {} : { last: lastRequests(now, first, request) };
    return { left, seconds: (performance.now() - begun) / 1000, ...last };
  });
}

/** What ended while it was waited for, and what is cut now; of a stream the end is no failure. */
function lastRequests(
  now: ReleaseFigures,
  first: ReleaseFigures | undefined,
  { environment }: ReleaseRef,
): LastRequests {
  const { errorStatuses } = environment.watch;
  const ended = countersSince(countersOf(now, errorStatuses), countersOf(first, errorStatuses));
  const cut = Math.max(0, now.inFlight - now.streams);
  return { requests: ended.answers + cut, failed: ended.errors + cut, cut };
}

export async function stopRelease(deps: ReleaseDeps, request: ReleaseRef & { readonly keep: boolean }): Promise<void> {
  const { app, environment, release, keep } = request;
  const state = await deps.traffic.read(routeOf(request));
  refuseServing(release, state?.table.weights[release] ?? 0);
  await withProgress(async (report) => {
    report.doing(`stopping ${release}`);
    await deps.platform.stop({ app, environment: environment.name, release }, { keep });
  });
}

function refuseServing(release: string, weight: number): void {
  if (weight > 0)
    throw fail('ReleaseServes', `${release} has ${weight} % of the traffic; give it to another release first`);
}
