/** Watch the new release. Unhealthy ends it; what stays inconclusive is prolonged once, then a person is asked. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { WatchRequest } from '../../activities/contract';
import type { WatchResult } from '../../domain/judge/figures';
import type { StrategyStep } from '../../domain/strategies/strategy';
import { halt } from '../support/failure';
import { callIn } from '../support/proxies';
import type { Trafficked } from './release';
import { beginWaiting, endWaiting, waived } from './wait-for-waiver';

type Period = Pick<WatchRequest, 'startedAt' | 'forMs' | 'mode'>;

type WatchStep = Extract<StrategyStep, { kind: 'watch' }>;

export async function watch(release: Trafficked, step: WatchStep): Promise<string> {
  const { deployment } = release;
  const startedAt = Date.now();
  let result = await watchFor(release, { startedAt, forMs: step.forMs, mode: 'watch' });
  if (result.verdict === 'inconclusive') {
    deployment.tell(deployment.status.step, 'inconclusive', `${result.reason}; watching as long again`);
    // From now on: an engine that was away may have slept through all of the first period.
    const forMs = Date.now() - startedAt + step.forMs;
    result = await watchFor(release, { startedAt, forMs, mode: 'watch' });
  }
  return result.verdict === 'inconclusive' ? undecided(release, step, { result, startedAt }) : decided(result);
}

async function watchFor(release: Trafficked, period: Period): Promise<WatchResult> {
  const { deployment, environment } = release;
  const result = await callIn(
    environment.name,
    'watchRelease',
    `watch ${release.release}`,
  )({
    app: deployment.status.app,
    environment,
    release: release.release,
    oldRelease: release.goesBackTo,
    addresses: release.addresses,
    holder: deployment.holder,
    mark: release.mark,
    ...period,
  });
  deployment.status.watches = [...deployment.status.watches, { ...result, environment: environment.name }];
  deployment.status.why = result.why;
  deployment.note('watch.ended', result.reason, {
    facts: { verdict: result.verdict, real: result.real, own: result.own },
  });
  return result;
}

interface Undecided {
  readonly result: WatchResult;
  readonly startedAt: number;
}

/** It was prolonged and there is still no verdict: what the plan says for that. */
function undecided(
  release: Trafficked,
  { onInsufficient }: WatchStep,
  { result, startedAt }: Undecided,
): Promise<string> {
  if (onInsufficient === 'rollback') throw halt('WatchInconclusive', `${result.reason}; the plan says to go back then`);
  if (onInsufficient !== 'promote') return askPerson(release, result, startedAt);
  const summary = `${result.reason}; the plan says to go on then`;
  release.deployment.note('watch.promoted', summary);
  return Promise.resolve(summary);
}

/** A person is waited for while the watch goes on: it may still find an answer of its own. */
async function askPerson(release: Trafficked, open: WatchResult, startedAt: number): Promise<string> {
  const { deployment, environment } = release;
  const { deadlineMs } = environment.watch;
  const forMs = Date.now() - startedAt + deadlineMs;
  await beginWaiting(deployment, environment, {
    what: 'the watch',
    reason: open.reason,
    failure: 'WatchInconclusive',
    findings: ['watch'],
  });
  const scope = new CancellationScope();
  const watching = scope.run(() => watchFor(release, { startedAt, forMs, mode: 'hold' }));
  try {
    const first = await Promise.race([condition(() => waived(deployment) !== null).then(() => null), watching]);
    if (first === null) return waived(deployment) ?? '';
    if (first.verdict === 'inconclusive')
      throw halt('WatchInconclusive', `${first.reason}; nobody waived it before the deadline`);
    return decided(first);
  } finally {
    endWaiting(deployment);
    scope.cancel();
    await watching.catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  }
}

function decided(result: WatchResult): string {
  if (result.verdict === 'unhealthy') throw halt('Unhealthy', result.reason);
  const { p95Ms } = result.newRelease;
  const sent = result.own === 0 ? '' : `${result.real === 0 ? 'all' : result.own} sent by the watch itself`;
  const p95 = p95Ms === null ? '' : `p95 ${p95Ms.toFixed(0)} ms`;
  return `${result.reason} (${[p95, sent].filter((part) => part !== '').join('; ')})`;
}
