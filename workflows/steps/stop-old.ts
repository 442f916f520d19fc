/** For what must never run twice: stop the old release first. Undo: start it again and give it all traffic. */
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Deployment } from '../support/deployment';
import { callIn } from '../support/proxies';
import { diagnose } from './diagnose';
import type { Release, Trafficked } from './release';
import { gapWords } from './gap';
import { takeAway } from './take-away';

export async function stopOld(release: Release): Promise<string> {
  const { deployment, environment, planned } = release;
  const old = planned.target?.release;
  if (old === undefined) return 'nothing serves yet';
  const view = deployment.status.releases.find(
    (known) => known.environment === environment.name && known.release === old,
  );
  deployment.saga.register({
    environment: environment.name,
    step: 'stop-old',
    does: `start ${old} again and give it all traffic`,
    leaves: { kind: 'start-again', release: old, in: environment },
    act: async () => {
      if (view !== undefined) deployment.setRelease(view);
      const { at, summary } = await startAgain(deployment, environment, old);
      if (release.isLookedAtLater) await lookAtStopped(release);
      return `${summary}${gapWords(release, at)}`;
    },
  });
  return stopServing(release, old);
}

/** From here on nobody serves, and the time is taken. Its undo is `startAgain`, registered before. */
export async function stopServing(release: Trafficked, old: string): Promise<string> {
  const { deployment, environment } = release;
  const asked = Date.now();
  const { before, at } = await callIn(
    environment.name,
    'setWeights',
    `no traffic to ${old}`,
  )({
    app: deployment.status.app,
    environment,
    addresses: {},
    weights: {},
    lease: null,
    isForward: deployment.status.kind === 'deploy',
  });
  // Where an earlier attempt had done it already, it was between then and now.
  release.gapFrom = Object.values(before).some((weight) => weight > 0) ? Date.parse(at) : asked;
  release.goesBackTo = null;
  return takeAway({ deployment, environment, release: old, keep: true });
}

/** The new release was stopped in haste, its files kept. */
async function lookAtStopped(release: Release): Promise<void> {
  const { deployment, environment } = release;
  await diagnose(release);
  const { app } = deployment.status;
  await callIn(
    environment.name,
    'stopRelease',
    `remove ${release.release}`,
  )({ app, environment, release: release.release, keep: false });
}

/** Ensures that a kept release runs and has all traffic. */
export async function startAgain(
  deployment: Deployment,
  environment: EnvironmentSpec,
  release: string,
): Promise<{ readonly at: string; readonly summary: string }> {
  const { app } = deployment.status;
  const started = await callIn(
    environment.name,
    'restartRelease',
    `start ${release} again`,
  )({ app, environment, release });
  const { after, at } = await callIn(
    environment.name,
    'setWeights',
    `all traffic to ${release}`,
  )({
    app,
    environment,
    addresses: { [release]: started.addresses },
    weights: { [release]: 100 },
    lease: null,
  });
  deployment.setWeights(environment.name, after);
  return { at, summary: `${release} runs and serves` };
}
