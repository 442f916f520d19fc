/** Waits until a named person says, with a reason, to go on although nothing is proven; a deadline ends it. */
import { condition } from '@temporalio/workflow';
import { whoseTurn } from '../../domain/approvals/decide';
import type { FailureType } from '../../domain/failures';
import type { OpenFinding } from '../../domain/approvals/waivers';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Tier } from '../../domain/words';
import { peopleWords } from '../../domain/reports/sentence';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';

export interface Inconclusive {
  /** What could not be decided. */
  readonly what: string;
  readonly reason: string;
  readonly failure: FailureType;
  /** What must be waived. */
  readonly findings: readonly OpenFinding[];
  /** Environments to come that may say the same. */
  readonly later: readonly Tier[];
}

export async function waitForWaiver(
  deployment: Deployment,
  environment: EnvironmentSpec,
  open: Inconclusive,
): Promise<string> {
  refuseWithoutPeople(deployment, environment, open);
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

/** @throws where nobody is there to answer: what would have been asked, and of whom */
export function refuseWithoutPeople(
  { noWait, status }: Deployment,
  { approval }: EnvironmentSpec,
  { what, reason, failure }: Pick<Inconclusive, 'what' | 'reason' | 'failure'>,
): void {
  if (!noWait) return;
  const who = peopleWords(whoseTurn(approval, status.requester));
  throw halt(
    failure,
    `${what} is inconclusive: ${reason}; not waited for, as --no-wait says. It needs either that to be decided, or a waiver by ${who}, ` +
      `for which a deployment without --no-wait waits (mvca waive ${status.app} --reason WHY)`,
  );
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
  const { findings, later } = open;
  const policy = environment.approval;
  const about = `${open.what} is inconclusive: ${open.reason}`;
  const ids = findings.map(({ id }) => id);
  deployment.waiver = { requester, policy, environment: environment.name, open: ids, findings, later, given: [] };
  deployment.waitFor({
    kind: 'person',
    about,
    digest: null,
    deadline: new Date(Date.now() + environment.watch.deadlineMs).toISOString(),
    then: deployment.saga.hasChanged(environment.name) ? 'it is rolled back' : 'it is rejected',
    answer: answersTo(app, later),
    ...whoseTurn(policy, requester),
    needs: 1,
    given: 0,
  });
  deployment.note('waiting', `waits for a person: ${about}`);
  deployment.writeSoon();
  await deployment.notify('waiting');
}

function answersTo(app: string, later: readonly Tier[]): string {
  const all = `or, for ${later.join(' and ')} as well,   mvca waive ${app} --everywhere --reason WHY`;
  const answers = [`mvca waive ${app} --reason WHY`, ...(later.length === 0 ? [] : [all])];
  return [...answers, `or   mvca abort ${app} --reason WHY`].join('   ');
}

export function endWaiting(deployment: Deployment): void {
  deployment.waiver = null;
  deployment.waitFor(null);
}
