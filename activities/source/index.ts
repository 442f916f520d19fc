/** The source of applications. */
import { Context } from '@temporalio/activity';
import type { Home } from '../../system/home';
import type { SourceActivities } from '../contract';
import { withProgress } from '../progress';
import { admitSource, type ReadSpec } from './admit-source';
import { repositoryId } from './repository-id';
import { takeSnapshot } from './snapshot';
import { SPEC_FILE } from './source';
import type { Owners } from './trusted-folder';

export interface SourceDeps {
  readonly home: Home;
  /** Accounts beside its own and root whose folders it deploys from. */
  readonly owners?: Owners;
  /** How the spec of a folder is read; missing: from its file, which must be trusted. */
  readonly readSpec?: ReadSpec | undefined;
}

export function createSourceActivities({
  home,
  owners = [],
  readSpec,
}: SourceDeps): Pick<SourceActivities, 'identifySource' | 'snapshotSource'> {
  return {
    identifySource: ({ directory }) => withProgress(() => repositoryId(directory)),
    snapshotSource: (request) =>
      withProgress(async (report) => {
        report.doing(`taking the source in ${request.directory}`);
        const { workflowType, workflowExecution } = Context.current().info;
        const deployment = workflowType === 'deploy' ? (workflowExecution?.workflowId ?? null) : null;
        const { asked, directory, file = SPEC_FILE } = request;
        if (asked === undefined) return takeSnapshot(home, request, deployment);
        const { directory: folder, ...admitted } = await admitSource({ directory, file, owners }, asked, readSpec);
        return { ...(await takeSnapshot(home, { ...request, directory: folder }, deployment)), admitted };
      }),
  };
}
