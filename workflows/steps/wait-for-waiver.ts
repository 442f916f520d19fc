/** Waits until a named person says, with a reason, to go on although nothing is proven; a deadline ends it. */
import { condition } from '@temporalio/workflow';
import type { FailureType } from '../../domain/failures';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';

export interface Inconclusive {
  /** What could not be decided. */
  readonly what: string;
  readonly reason: string;
  readonly failure: FailureType;
  /** Ids of what must be waived. */
  readonly findings: readonly string[];
}

export async function waitForWaiver(
  deployment: Deployment,
  environment: EnvironmentSpec,
  open: Inconclusive,
): Promise<string> {
  await beginWaiting(deployment, environment, open);
  try {
    const given = await condition(() => waived(deployment) !== null, environment.watch.deadlineMs, {
      summary: `deadline for a waiver of ${open.what}`,
    });
    if (!given) throw halt(open.failure, `${open.reason}; nobody waived it before the deadline`);
    return waived(deployment) ?? '';
  } finally {
    endWaiting(deployment);
  }
}

/** Who waived what was open, and why; null while anything still is. */
export const waived = ({ waiver }: Deployment): string | null =>
  waiver === null || waiver.open.length > 0 ? null : waiver.given.join('; ');

export async function beginWaiting(
  deployment: Deployment,
  environment: EnvironmentSpec,
  open: Inconclusive,
): Promise<void> {
  const { app, requester } = deployment.status;
  const about = `${open.what} is inconclusive: ${open.reason}`;
  deployment.waiver = { requester, policy: environment.approval, open: open.findings, given: [] };
  deployment.waitFor({
    kind: 'person',
    about,
    digest: null,
    deadline: new Date(Date.now() + environment.watch.deadlineMs).toISOString(),
    then: deployment.saga.hasChanged(environment.name) ? 'it is rolled back' : 'it is rejected',
    answer: `mvca waive ${app} --reason WHY   or   mvca abort ${app} --reason WHY`,
    from: environment.approval?.from ?? [],
    needs: 1,
    given: 0,
  });
  deployment.note('waiting', `waits for a person: ${about}`);
  deployment.writeSoon();
  await deployment.notify('waiting');
}

export function endWaiting(deployment: Deployment): void {
  deployment.waiver = null;
  deployment.waitFor(null);
}
