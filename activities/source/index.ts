/** The source of applications. */
import { Context } from '@temporalio/activity';
import type { Home } from '../../system/home';
import type { SourceActivities } from '../contract';
import { withProgress } from '../progress';
import { admitSource, type ReadSpec } from './admit-source';
import { repositoryId } from './repository-id';
import { takeSnapshot } from './snapshot';

/** Where nobody names another. */
const SPEC_FILE = 'deployment.yaml';

export interface SourceDeps {
  readonly home: Home;
  /** How the spec of a folder is read; missing: from its file, which must be trusted. */
  readonly readSpec?: ReadSpec | undefined;
}

export function createSourceActivities({
  home,
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
        const admitted = asked === undefined ? null : await admitSource({ directory, file }, asked, readSpec);
        const snapshot = await takeSnapshot(home, request, deployment);
        return admitted === null ? snapshot : { ...snapshot, admitted };
      }),
  };
}
