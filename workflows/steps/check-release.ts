/** Checks of a release that has no traffic yet. They change nothing. */
import { callIn } from '../support/proxies';
import { passGate } from './pass-gate';
import type { Release } from './release';

export async function smoke(release: Release): Promise<string> {
  return check(release, 'smokeRelease', 'smoke checks');
}

export async function integrate(release: Release): Promise<string> {
  return check(release, 'integrateRelease', 'integration tests');
}

async function check(release: Release, activity: 'smokeRelease' | 'integrateRelease', what: string): Promise<string> {
  const { deployment, environment, addresses, source } = release;
  const { app } = deployment.status;
  const result = await passGate(deployment, environment, () =>
    callIn(
      environment.name,
      activity,
      `${what} against ${release.release}`,
    )({ app, environment, release: release.release, addresses, source }),
  );
  return result.summary;
}
