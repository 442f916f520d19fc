/** Phase 2: build once; the same bytes go to every environment. */
import type { SourceRequest } from '../../activities/contract';
import type { Artifact } from '../../domain/source';
import type { Deployment } from '../support/deployment';
import { call } from '../support/proxies';

export async function build(deployment: Deployment, source: SourceRequest): Promise<Artifact> {
  await deployment.enter('build', null);
  return deployment.step('build', 'installing, building, packaging', async () => {
    const artifact = await call('buildArtifact', `build ${source.snapshot.version}`)(source);
    deployment.status.artifact = artifact;
    deployment.warn(...artifact.warnings);
    const how = artifact.built ? `built in ${artifact.seconds.toFixed(1)} s` : 'was built before';
    return {
      value: artifact,
      summary: `${artifact.digest.slice(0, 19)}… ${how}, ${Math.ceil(artifact.bytes / 1024)} KB`,
    };
  });
}
