/**
 * Before production is changed: a freeze parks the deployment until it is over, was ended, or a named person lets this deployment
 * through. It never stops a way back, nor what changes production already: nothing there asks for it.
 */
import { CancellationScope, condition, patched } from '@temporalio/workflow';
import { whoseTurn } from '../../domain/approvals/decide';
import { freezeWords, isFree, restMs, sameStanding, type FreezeStanding } from '../../domain/freezes/freeze';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';
import { isGuarded } from '../support/guarded';
import { call } from '../support/proxies';
import { endWaiting, waived } from './wait-for-waiver';

const FROZEN = 'production';

/** @param environments those on the way; where production is not among them, nothing is asked. */
export async function awaitThaw(deployment: Deployment, environments: readonly EnvironmentSpec[]): Promise<void> {
  const environment = environments.find(({ name }) => name === FROZEN);
  if (environment === undefined || deployment.freezeWaived || !(isGuarded() || patched('freezes'))) return;
  const standing = await standingOf(deployment, null);
  if (isFree(standing)) return;
  await deployment.step('freeze', `parked: ${freezeWords(standing)}`, async () => ({
    value: undefined,
    summary: await parked(deployment, environment, standing),
  }));
}

const standingOf = ({ status }: Deployment, known: FreezeStanding | null): Promise<FreezeStanding> =>
  call(
    'freezeStanding',
    known === null ? 'is production frozen?' : `parked: ${freezeWords(known)}`,
  )({ app: status.app, known });

/** The same for one that is told of changes from then on. */
function parkedStanding(deployment: Deployment): Promise<FreezeStanding> {
  deployment.heard.freezesChanged = false;
  return call('freezeStanding', 'is it frozen still?')({ app: deployment.status.app, known: null, parks: true });
}

async function parked(deployment: Deployment, environment: EnvironmentSpec, first: FreezeStanding): Promise<string> {
  const next = isGuarded() ? standingWhenTold : nextStanding;
  let standing: FreezeStanding | null = first;
  let known: FreezeStanding | null = null;
  try {
    while (standing !== null && !isFree(standing)) {
      if (known === null || !sameStanding(known, standing)) await beginParking(deployment, environment, standing);
      known = standing;
      standing = await next(deployment, standing, environment.watch.deadlineMs);
    }
    const waiver = waived(deployment);
    if (waiver === null) return 'the freeze is over';
    deployment.freezeWaived = true;
    return waiver;
  } finally {
    endWaiting(deployment);
  }
}

/** Rests until the freeze ends by itself or freezes change, and asks again; null: this deployment was let through. */
async function standingWhenTold(
  deployment: Deployment,
  known: FreezeStanding,
  deadlineMs: number,
): Promise<FreezeStanding | null> {
  if (known.kind === 'unknown') {
    const readable = await nextStanding(deployment, known, deadlineMs);
    return readable === null ? null : parkedStanding(deployment);
  }
  const now = await parkedStanding(deployment);
  if (!sameStanding(known, now) || now.kind === 'unknown') return now;
  const isOver = (): boolean => waived(deployment) !== null || deployment.heard.freezesChanged;
  const ms = restMs(now.inForce?.until ?? '', Date.now(), now.parked ?? 1);
  await condition(isOver, ms, { summary: 'the freeze ends' });
  return waived(deployment) === null ? parkedStanding(deployment) : null;
}

/** The next standing that is another one; null: this deployment was let through. */
async function nextStanding(
  deployment: Deployment,
  known: FreezeStanding,
  deadlineMs: number,
): Promise<FreezeStanding | null> {
  const scope = new CancellationScope();
  const looking = scope.run(() => standingOf(deployment, known));
  // Known, it ends by itself, which the activity sees; unknown, it must not be waited for without end.
  const answered = scope.run(async () => {
    const isWaived = (): boolean => waived(deployment) !== null;
    if (known.kind === 'unknown')
      return condition(isWaived, deadlineMs, { summary: 'deadline for what cannot be read' });
    await condition(isWaived);
    return true;
  });
  try {
    const first = await Promise.race([answered, looking]);
    if (first === false) throw halt('FreezeUnknown', `${freezeWords(known)}; that did not change before the deadline`);
    return first === true ? null : first;
  } finally {
    scope.cancel();
    await Promise.allSettled([answered, looking]);
  }
}

async function beginParking(
  deployment: Deployment,
  environment: EnvironmentSpec,
  standing: FreezeStanding,
): Promise<void> {
  const { app, requester } = deployment.status;
  const about = freezeWords(standing);
  const until = standing.kind === 'known' ? standing.inForce?.until : undefined;
  const policy = environment.approval;
  deployment.waiver = { requester, policy, environment: FROZEN, open: ['freeze'], findings: [], given: [] };
  deployment.waitFor({
    kind: 'freeze',
    about,
    digest: null,
    deadline: until ?? new Date(Date.now() + environment.watch.deadlineMs).toISOString(),
    then: until === undefined ? 'it is rejected' : 'it goes on by itself',
    answer: `mvca waive ${app} --finding freeze --reason WHY   or   mvca abort ${app} --reason WHY`,
    ...whoseTurn(policy, requester),
    needs: 1,
    given: 0,
  });
  deployment.note('freeze.parked', `parked: ${about}`);
  deployment.writeSoon();
  await deployment.notify('waiting');
}
