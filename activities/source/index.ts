/** The source of applications. */
import { Context } from '@temporalio/activity';
import type { Home } from '../../system/home';
import type { SourceActivities } from '../contract';
import { withProgress } from '../progress';
import { admitSource } from './admit-source';
import { repositoryId } from './repository-id';
import { takeSnapshot } from './snapshot';

export interface SourceDeps {
  readonly home: Home;
}

export function createSourceActivities({
  home,
}: SourceDeps): Pick<SourceActivities, 'identifySource' | 'snapshotSource'> {
  return {
    identifySource: ({ directory }) => withProgress(() => repositoryId(directory)),
    snapshotSource: (request) =>
      withProgress(async (report) => {
        report.doing(`taking the source in ${request.directory}`);
        const { workflowType, workflowExecution } = Context.current().info;
        const deployment = workflowType === 'deploy' ? (workflowExecution?.workflowId ?? null) : null;
        const admitted = request.asked === undefined ? null : await admitSource(request.directory, request.asked);
        const snapshot = await takeSnapshot(home, request, deployment);
        return admitted === null ? snapshot : { ...snapshot, admitted };
      }),
  };
}
