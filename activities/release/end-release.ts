/** The ways in which a release's time under traffic ends: proven, drained, stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseRef } from '../contract';
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

export async function drainRelease(deps: ReleaseDeps, request: ReleaseRef): Promise<{ left: number; seconds: number }> {
  const route = routeOf(request);
  const { release } = request;
  const begun = performance.now();
  return withProgress(async (report) => {
    report.doing(`waiting for what ${release} has in flight`);
    let left = 0;
    while (performance.now() - begun < route.drainMs) {
      const state = await deps.traffic.read(route);
      refuseServing(release, state?.table.weights[release] ?? 0);
      left = state?.figures[release]?.inFlight ?? 0;
      if (left === 0) break;
      report.throwIfCancelled();
      report.line(`${left} in flight`);
      await sleep(POLL_MS);
    }
    await deps.traffic.forget(route, release);
    return { left, seconds: (performance.now() - begun) / 1000 };
  });
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
