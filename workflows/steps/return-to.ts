/** The traffic goes back to a kept release, under a lease and a short watch. Undo: it stays where it was. */
import { patched } from '@temporalio/workflow';
import type { ReleaseStatus } from '../../domain/release';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Deployment } from '../support/deployment';
import { callIn } from '../support/proxies';
import { gapWords } from './gap';
import { withChecksOf } from './own-checks';
import { prove } from './prove';
import type { Trafficked } from './release';
import { shift } from './shift';
import { startAgain, stopServing } from './stop-old';
import { takeAway } from './take-away';
import { watch } from './watch';

/** Somebody waits for it: long enough to see a release that does not work, no longer. */
const LONGEST_WATCH_MS = 60_000;

const NOTHING_SERVED = 'nothing served before, so there is nothing to go back to: if it fails, again nothing serves';

export async function returnTo(
  deployment: Deployment,
  environment: EnvironmentSpec,
  { target, serving }: { readonly target: ReleaseStatus; readonly serving: ReleaseStatus | null },
): Promise<void> {
  const release: Trafficked = {
    deployment,
    environment,
    planned: {
      target: serving,
      wayBack: serving === null ? NOTHING_SERVED : `to ${serving.version} (${serving.release})`,
    },
    release: target.release,
    addresses: target.addresses,
    goesBackTo: serving?.release ?? null,
    mark: null,
  };
  const step = async (name: string, does: string, act: () => Promise<string>): Promise<void> =>
    deployment.step(name, does, async () => ({ value: undefined, summary: await act() }));
  if (serving !== null && mustBeAlone(environment) && patched('rollback-stops-first'))
    await step('stop-old', `stop ${serving.release}: both cannot run at once`, () => {
      deployment.steering.exposed = true;
      return stopFirst(release, serving.release);
    });
  await deployment.step('start', `ensure that ${target.release} runs`, async () => {
    const started = await callIn(
      environment.name,
      'restartRelease',
      `ensure that ${target.release} runs`,
    )({
      app: deployment.status.app,
      environment,
      release: target.release,
    });
    release.addresses = started.addresses;
    release.environment = withChecksOf(environment, started);
    return { value: undefined, summary: `${started.addresses.length} healthy after ${started.seconds.toFixed(1)} s` };
  });
  deployment.steering.exposed = true;
  await step('shift-100', `all traffic to ${target.release}`, () => shift(release, { kind: 'shift', percent: 100 }));
  deployment.begin('watch', environment.name);
  const forMs = Math.min(environment.watch.forMs, LONGEST_WATCH_MS);
  await step('watch', `watch ${target.release}`, () => watch(release, { kind: 'watch', forMs }));
  await step('prove', `${target.release} serves for good`, () => prove(release));
  deployment.saga.proven(environment.name);
}

const mustBeAlone = ({ platform }: EnvironmentSpec): boolean => platform.singleton || 'fixed' in platform.port;

/** The release that serves stops before the other one starts. Undo: stop that one, and start this one again. */
async function stopFirst(release: Trafficked, serving: string): Promise<string> {
  const { deployment, environment } = release;
  const undo = { environment: environment.name, step: 'stop-old' };
  deployment.saga.register({
    ...undo,
    does: `start ${serving} again and give it all traffic`,
    leaves: { kind: 'start-again', release: serving, in: environment },
    act: async () => {
      const { at, summary } = await startAgain(deployment, environment, serving);
      return `${summary}${gapWords(release, at)}`;
    },
  });
  deployment.saga.register({
    ...undo,
    step: 'start',
    does: `stop ${release.release}`,
    leaves: { kind: 'stop', release: release.release, in: environment },
    act: () => takeAway({ deployment, environment, release: release.release, keep: true }),
  });
  return stopServing(release, serving);
}
