/** What notifiers are told of a deployment. */
import type { DeploymentStatus } from '../deployment';
import { outcomeSentence } from './sentence';

export interface Notice {
  readonly app: string;
  /** Such as `waiting`, `succeeded`, `rolled-back`. */
  readonly event: string;
  /** The sentence that stands everywhere. */
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

export function noticeOf(status: DeploymentStatus, event: string): Notice {
  const { app, version, deployment, outcome, phase } = status;
  return { app, event, text: outcomeSentence(status), facts: { version, deployment, outcome, phase } };
}
