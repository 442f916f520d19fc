/** Phase 2: build once; the same bytes go to every environment. */
import type { SourceRequest } from '../../activities/contract';
import type { Artifact } from '../../domain/source';
import type { Deployment } from '../support/deployment';
import { call } from '../support/proxies';
import { whenFree } from './when-free';

export async function build(deployment: Deployment, source: SourceRequest): Promise<Artifact> {
  await deployment.enter('build', null);
  return deployment.step('build', 'installing, building, packaging', async () => {
    const artifact = await whenFree(
      () => call('buildArtifact', `build ${source.snapshot.version}`)(source),
      () => sourceFree(source),
    );
    deployment.status.artifact = artifact;
    deployment.warn(...artifact.warnings);
    const how = artifact.built ? `built in ${artifact.seconds.toFixed(1)} s` : 'was built before';
    return {
      value: artifact,
      summary: `${artifact.digest.slice(0, 19)}… ${how}, ${Math.ceil(artifact.bytes / 1024)} KB`,
    };
  });
}

/** Where builds run. */
export const sourceFree = ({ snapshot: { inputs } }: SourceRequest): Promise<void> =>
  call('awaitSource', 'until another build of the same source has ended')({ inputs });
