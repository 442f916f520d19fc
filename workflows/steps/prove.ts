/** The release stood its watch: the lease goes, the weights stay. From here on there is nothing to undo. */
import { callIn } from '../support/proxies';
import type { Trafficked } from './release';

export async function prove(release: Trafficked): Promise<string> {
  const { deployment, environment } = release;
  deployment.steering.beginProof(environment.name);
  await callIn(
    environment.name,
    'proveRelease',
    `${release.release} is proven`,
  )({
    app: deployment.status.app,
    environment,
    release: release.release,
    holder: deployment.holder,
  });
  deployment.steering.exposed = false;
  deployment.note('release.proven', release.release);
  return `${release.release} serves for good`;
}
