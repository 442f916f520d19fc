/** Start the new release without traffic. Undo: stop it. */
import { callIn } from '../support/proxies';
import type { Release } from './release';
import { takeAway } from './take-away';

export async function startNew(release: Release): Promise<string> {
  const { deployment, environment, artifact, version } = release;
  const { app } = deployment.status;
  deployment.saga.register({
    environment: environment.name,
    step: 'start',
    does: `stop ${release.release}`,
    act: () => takeAway({ deployment, environment, release: release.release }),
  });
  const started = await callIn(
    environment.name,
    'startRelease',
    `start ${release.release} without traffic`,
  )({
    app,
    environment,
    release: release.release,
    version,
    artifact,
  });
  release.addresses = started.addresses;
  deployment.setRelease({
    environment: environment.name,
    release: release.release,
    version,
    artifact: artifact.digest,
    weight: 0,
    measured: null,
    state: 'running',
  });
  return `${started.addresses.length} healthy after ${started.seconds.toFixed(1)} s`;
}
