/** Checks of a release that has no traffic yet. They change nothing. */
import { callIn } from '../support/proxies';
import { passGate } from './pass-gate';
import { whenFree } from './when-free';
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
  const { name } = environment;
  const ask = { app, environment, release: release.release, addresses, source };
  const { inputs } = source.snapshot;
  const result = await passGate(deployment, environment, () =>
    whenFree(
      () => callIn(name, activity, `${what} against ${release.release}`)(ask),
      () => callIn(name, 'awaitReleaseSource', 'until another use of the same source has ended')({ inputs }),
    ),
  );
  return result.summary;
}
