/** Start the new release without traffic. Undo: stop it. */
import { patched } from '@temporalio/workflow';
import type { StrategyStep } from '../../domain/strategies/strategy';
import { changedSecrets, versionsIn, withVersions } from '../../domain/plan/agreed';
import type { StartedRelease } from '../../domain/release';
import { callIn } from '../support/proxies';
import type { Release } from './release';
import { countLast, diagnose } from './diagnose';
import { takeAway } from './take-away';

export async function startNew(release: Release, step: Extract<StrategyStep, { kind: 'start' }>): Promise<string> {
  const { deployment, environment, planned, artifact, version } = release;
  const { app } = deployment.status;
  deployment.saga.register({
    environment: environment.name,
    step: 'start',
    does: `stop ${release.release}`,
    leaves: { kind: 'stop', release: release.release, in: environment },
    act: async () => {
      if (!patched('diagnosis')) return takeAway({ deployment, environment, release: release.release });
      // Where the old release had to be stopped first, it is waited for: its undo comes next, and the diagnosis after it.
      release.isLookedAtLater = planned.target !== null && release.goesBackTo === null;
      if (!release.isLookedAtLater) await diagnose(release);
      return takeAway({
        deployment,
        environment,
        release: release.release,
        keep: release.isLookedAtLater,
        drained: (last) => countLast(release, last),
      });
    },
  });
  const started = await callIn(
    environment.name,
    'startRelease',
    `start ${release.release} without traffic`,
  )({
    app,
    environment,
    release: release.release,
    version,
    artifact,
    ...(environment.approval !== null && { secretVersions: versionsIn(planned) }),
    ...(step.instances === undefined ? {} : { count: step.instances }),
  });
  sayChanged(release, started);
  release.addresses = started.addresses;
  deployment.setRelease({
    environment: environment.name,
    release: release.release,
    version,
    artifact: artifact.digest,
    weight: 0,
    measured: null,
    state: 'running',
    instances: started.addresses.length,
  });
  deployment.timed({ environment: environment.name, what: 'start', seconds: started.seconds });
  return `${started.addresses.length} healthy after ${started.seconds.toFixed(1)} s`;
}

/** Nobody was asked about this environment; who is asked later says yes to what it got. */
function sayChanged({ deployment, environment, planned }: Release, { secretVersions }: StartedRelease): void {
  const { plan } = deployment.status;
  const changed = secretVersions === undefined ? [] : changedSecrets(planned, secretVersions);
  if (secretVersions === undefined || plan === null || changed.length === 0) return;
  deployment.warn(`${environment.name}: changed since the plan was made: ${changed.join(', ')}`);
  deployment.status.plan = withVersions(plan, environment.name, secretVersions);
}
