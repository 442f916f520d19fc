/** The source of applications. */
import { Context } from '@temporalio/activity';
import type { Home } from '../../system/home';
import type { SourceActivities } from '../contract';
import { withProgress } from '../progress';
import { takeSnapshot } from './snapshot';

export interface SourceDeps {
  readonly home: Home;
}

export function createSourceActivities({ home }: SourceDeps): Pick<SourceActivities, 'snapshotSource'> {
  return {
    snapshotSource: (request) =>
      withProgress(async (report) => {
        report.doing(`taking the source in ${request.directory}`);
        const { workflowType, workflowExecution } = Context.current().info;
        const deployment = workflowType === 'deploy' ? (workflowExecution?.workflowId ?? null) : null;
        return takeSnapshot(home, request, deployment);
      }),
  };
}
