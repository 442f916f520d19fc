/** Watch the new release. Unhealthy ends it; what stays inconclusive is prolonged once, then a person is asked. */
import type { WatchResult } from '../../domain/judge/figures';
import type { StrategyStep } from '../../domain/strategies/strategy';
import { halt } from '../support/failure';
import type { Promotion } from '../support/steering';
import type { Trafficked } from './release';
import { beginWaiting, endWaiting, refuseWithoutPeople, waived } from './wait-for-waiver';
import { watchUntil, whilePaused, type Watching } from './watch-until';

type WatchStep = Extract<StrategyStep, { kind: 'watch' }>;

export function watch(release: Trafficked, step: WatchStep): Promise<string> {
  const watching = { release, startedAt: Date.now(), weight: step.percent ?? 100 };
  const { steering } = release.deployment;
  return steering.watching(release.environment.approval, () => watchAndDecide(watching, step));
}

async function watchAndDecide(watching: Watching, step: WatchStep): Promise<string> {
  const { deployment } = watching.release;
  const isPromoted = (): boolean => deployment.steering.promotion !== null;
  const period = async (forMs: number): Promise<WatchResult> =>
    whilePaused(watching, await watchUntil(watching, { forMs, mode: 'watch' }, isPromoted));
  let result = await period(step.forMs);
  if (result.verdict === 'inconclusive' && !isPromoted()) {
    deployment.tell(deployment.status.step, 'inconclusive', `${result.reason}; watching as long again`);
    // From now on: an engine that was away may have slept through all of the first period.
    result = await period(Date.now() - watching.startedAt + step.forMs);
  }
  return result.verdict === 'inconclusive' && !isPromoted()
    ? undecided(watching, step, result)
    : decided(result, deployment.steering.promotion);
}

/** It was prolonged and there is still no verdict: what the plan says for that. */
function undecided(watching: Watching, { onInsufficient }: WatchStep, result: WatchResult): Promise<string> {
  if (onInsufficient === 'rollback') throw halt('WatchInconclusive', `${result.reason}; the plan says to go back then`);
  if (onInsufficient !== 'promote') return askPerson(watching, result);
  const summary = `${result.reason}; the plan says to go on then`;
  watching.release.deployment.note('watch.promoted', summary);
  return Promise.resolve(summary);
}

/** A person is waited for while the watch goes on: it may still find an answer of its own. */
async function askPerson(watching: Watching, open: WatchResult): Promise<string> {
  const { deployment, environment } = watching.release;
  const { reason } = open;
  const asked = { what: `the watch of ${environment.name}`, reason, failure: 'WatchInconclusive' } as const;
  refuseWithoutPeople(deployment, environment, asked);
  const forMs = Date.now() - watching.startedAt + environment.watch.deadlineMs;
  const findings = [{ id: 'watch', message: reason }];
  await beginWaiting(deployment, environment, { ...asked, findings, later: [] });
  try {
    return await answerOf(watching, forMs);
  } finally {
    endWaiting(deployment);
  }
}

/** @param forMs until the deadline, a pause or none. */
async function answerOf(watching: Watching, forMs: number): Promise<string> {
  const { deployment } = watching.release;
  const { steering } = deployment;
  const isAnswered = (): boolean => steering.promotion !== null || waived(deployment) !== null;
  for (;;) {
    const seen = await watchUntil(watching, { forMs, mode: 'hold' }, () => isAnswered() && !steering.isPaused);
    if (seen.verdict === 'inconclusive' && !isAnswered())
      throw halt('WatchInconclusive', `${seen.reason}; nobody waived it before the deadline`);
    const result = await whilePaused(watching, seen);
    if (result.verdict !== 'inconclusive' || steering.promotion !== null) return decided(result, steering.promotion);
    const waiver = waived(deployment);
    if (waiver !== null) return waiver;
  }
}

/** @throws Unhealthy: nobody's word goes over that. */
function decided(result: WatchResult, promotion: Promotion | null): string {
  if (result.verdict === 'unhealthy') throw halt('Unhealthy', result.reason);
  const { p95Ms } = result.newRelease;
  const sent = result.own === 0 ? '' : `${result.real === 0 ? 'all' : result.own} sent by the watch itself`;
  const p95 = p95Ms === null ? '' : `p95 ${p95Ms.toFixed(0)} ms`;
  const figures = [p95, sent].filter((part) => part !== '').join('; ');
  const words = promotion === null ? result.reason : promoted(promotion, result);
  return figures === '' ? words : `${words} (${figures})`;
}

function promoted({ by, reason }: Promotion, { real, own, verdict }: WatchResult): string {
  const said = verdict === 'healthy' ? 'healthy' : 'no verdict';
  return `promoted by ${by}: ${reason}; ${real + own} answers until then, ${said}`;
}
