/** Give the new release its share of the traffic, under a lease. Undo: all traffic back to the old release. */
import type { StrategyStep } from '../../domain/strategies/strategy';
import type { Weights } from '../../domain/words';
import { LEASE_SECONDS } from '../../domain/lease';
import { callIn } from '../support/proxies';
import { gapWords } from './gap';
import type { Trafficked } from './release';

export async function shift(release: Trafficked, step: Extract<StrategyStep, { kind: 'shift' }>): Promise<string> {
  const { deployment, environment } = release;
  const old = release.goesBackTo;
  const back: Weights = old === null ? {} : { [old]: 100 };
  deployment.saga.register({
    environment: environment.name,
    step: 'shift',
    does: old === null ? 'stop serving' : `give all traffic back to ${old}`,
    leaves: { kind: 'give-back', release: release.release, to: old, in: environment },
    act: () => giveBack(release, back),
  });
  const weights: Weights =
    old === null ? { [release.release]: 100 } : { [old]: 100 - step.percent, [release.release]: step.percent };
  const changed = await callIn(
    environment.name,
    'setWeights',
    `${step.percent} % to ${release.release}`,
  )({
    app: deployment.status.app,
    environment,
    addresses: { [release.release]: release.addresses },
    weights,
    // The first release has nothing to go back to: a lease that ran out would only end a service that works.
    lease: old === null ? null : { holder: deployment.holder, seconds: LEASE_SECONDS, fallback: back },
    isForward: deployment.status.kind === 'deploy',
  });
  release.mark = changed.mark;
  deployment.setWeights(environment.name, changed.after);
  deployment.status.wayBack = { open: release.planned.target !== null, reason: release.planned.wayBack, closes: null };
  const summary = `${say(changed.after)}${gapWords(release, changed.at)}`;
  deployment.note('weights.set', summary, { facts: { release: release.release, percent: step.percent } });
  return summary;
}

async function giveBack(release: Trafficked, weights: Weights): Promise<string> {
  const { deployment, environment } = release;
  const { after, at } = await callIn(
    environment.name,
    'setWeights',
    'give the traffic back',
  )({
    app: deployment.status.app,
    environment,
    addresses: {},
    weights,
    lease: null,
  });
  // What must not run twice serves nobody until the old release is there again.
  if (Object.keys(weights).length === 0 && release.planned.target !== null) release.gapFrom ??= Date.parse(at);
  deployment.setWeights(environment.name, after);
  deployment.note('weights.set', say(after));
  return say(after);
}

export const say = (weights: Weights): string => {
  const serving = Object.entries(weights).filter(([, weight]) => weight > 0);
  return serving.length === 0
    ? 'nobody serves'
    : serving.map(([release, weight]) => `${weight} % to ${release}`).join(', ');
};
