/**
 * The way back is tried before a later environment is changed: the traffic goes to the old release, which has to be as well as it was on
 * what the new one left behind, and to the new one again. What can run side by side serves without a gap; what cannot, stops and starts.
 */
import { isCancellation } from '@temporalio/workflow';
import { LEASE_SECONDS } from '../../domain/lease';
import type { StrategyStep } from '../../domain/strategies/strategy';
import { describeFailure, halt } from '../support/failure';
import { callIn } from '../support/proxies';
import { withChecksOf } from './own-checks';
import type { Release } from './release';
import { say } from './shift';
import { takeAway } from './take-away';

type Step<K extends StrategyStep['kind']> = Extract<StrategyStep, { kind: K }>;

interface Move {
  readonly to: string;
  readonly from: string;
  readonly forMs: number;
  /** To an unproven release traffic goes under a lease, where the other one still runs. */
  readonly leased: boolean;
}

/** Its undo is that of the shift before: the old release gets all traffic. */
export async function rehearseBack(release: Release, { forMs }: Step<'rehearse-back'>): Promise<string> {
  const old = release.planned.target?.release;
  if (old === undefined) return 'nothing serves yet, so there is no way back to rehearse';
  return rehearsed(release, `${old} did not come back`, () =>
    move(release, { to: old, from: release.release, forMs, leased: false }),
  );
}

export async function rehearseForth(release: Release, { forMs }: Step<'rehearse-forth'>): Promise<string> {
  const old = release.planned.target?.release;
  if (old === undefined) return 'nothing serves yet';
  const leased = release.goesBackTo !== null;
  return rehearsed(release, `${release.release} did not come again after ${old}`, () =>
    move(release, { to: release.release, from: old, forMs, leased }),
  );
}

async function rehearsed({ environment }: Release, what: string, work: () => Promise<string>): Promise<string> {
  const begun = Date.now();
  try {
    const summary = await work();
    return `${summary}; rehearsed in ${((Date.now() - begun) / 1000).toFixed(1)} s`;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { message } = describeFailure(error);
    throw halt(
      'RehearsalFailed',
      `the way back does not work in ${environment.name}: ${what}: ${message}\nNothing after ${environment.name} was changed. Next: mend what keeps it from working after this change (data or files that the other release cannot read, for instance); or go on without a tried way back by \`environments.${environment.name}.rehearse: false\``,
    );
  }
}

async function move(release: Release, { to, from, forMs, leased }: Move): Promise<string> {
  const { deployment, environment } = release;
  const { app } = deployment.status;
  if (release.goesBackTo === null) await stopServing(release, from);
  const started = await callIn(
    environment.name,
    'restartRelease',
    `does ${to} run, and is it well?`,
  )({ app, environment, release: to, smoke: true });
  showRunning(release, to);
  if (to === release.release) release.addresses = started.addresses;
  const { holder } = deployment;
  const { mark, after } = await callIn(
    environment.name,
    'setWeights',
    `all traffic to ${to}`,
  )({
    app,
    environment,
    addresses: { [to]: started.addresses },
    weights: { [to]: 100 },
    lease: leased ? { holder, seconds: LEASE_SECONDS, fallback: { [from]: 100 } } : null,
  });
  deployment.setWeights(environment.name, after);
  deployment.note('weights.set', say(after), { facts: { release: to, percent: 100 } });
  const { verdict, reason } = await callIn(
    environment.name,
    'watchRelease',
    `watch ${to}`,
  )({
    app,
    environment: withChecksOf(environment, started),
    release: to,
    oldRelease: leased ? from : null,
    addresses: started.addresses,
    holder,
    mark,
    startedAt: Date.now(),
    forMs,
    mode: 'watch',
  });
  if (verdict === 'unhealthy') throw halt('Unhealthy', reason);
  return `${say(after)}: ${verdict === 'healthy' ? reason : `its checks are as expected (${reason})`}`;
}

/** They cannot stand side by side. */
async function stopServing({ deployment, environment }: Release, release: string): Promise<void> {
  const { app } = deployment.status;
  const nobody = { app, environment, addresses: {}, weights: {}, lease: null };
  await callIn(environment.name, 'setWeights', `no traffic to ${release}`)(nobody);
  await takeAway({ deployment, environment, release, keep: true });
}

function showRunning({ deployment, environment, planned, version, artifact, ...ours }: Release, release: string): void {
  const known =
    release === ours.release || planned.target === null
      ? { version, artifact: artifact.digest }
      : { version: planned.target.version, artifact: planned.target.artifact };
  const shown = deployment.status.releases.some(
    (view) => view.environment === environment.name && view.release === release,
  );
  if (shown) return;
  const now = { weight: 0, measured: null, state: 'running' };
  deployment.setRelease({ environment: environment.name, release, ...known, ...now });
}
