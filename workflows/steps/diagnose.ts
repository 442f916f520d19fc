/** Why did the new release fail? Asked when the traffic is back and before the release goes; what it finds never changes an outcome. */
import { impactOfWatch, withLast } from '../../domain/diagnosis/impact';
import type { FailureType } from '../../domain/failures';
import { causeClause } from '../../domain/reports/sentence';
import { describeFailure } from '../support/failure';
import { callIn } from '../support/proxies';
import type { Release } from './release';

/** What else stops a deployment says nothing about the release. */
const OF_THE_RELEASE: ReadonlySet<FailureType> = new Set([
  'StartFailed',
  'GateRefused',
  'GateInconclusive',
  'Unhealthy',
  'WatchInconclusive',
  'LeaseExpired',
]);

export async function diagnose(release: Release): Promise<void> {
  const { deployment, environment, planned } = release;
  const { status, stoppedBy } = deployment;
  if (stoppedBy?.type == null || !OF_THE_RELEASE.has(stoppedBy.type) || status.diagnosis !== null) return;
  try {
    const found = await callIn(
      environment.name,
      'diagnoseRelease',
      `why did ${release.release} fail`,
    )({
      app: status.app,
      environment,
      release: release.release,
      oldRelease: planned.target?.release ?? null,
      mark: release.mark,
      why: status.why,
    });
    const watch = status.watches.findLast((one) => one.environment === environment.name);
    const impact = found.impact ?? (watch === undefined ? null : impactOfWatch(watch.newRelease));
    status.diagnosis = { ...found, impact: withLast(impact, release.last) };
    deployment.note('diagnosed', causeClause(status.diagnosis) ?? 'no cause found');
  } catch (error) {
    deployment.note('diagnosis.failed', describeFailure(error).message);
  }
}

/** Requests that hung when it was looked at have ended since. */
export function countLast(release: Release, last: Release['last']): void {
  const { status } = release.deployment;
  release.last = last;
  if (status.diagnosis !== null && OF_THE_RELEASE.has(release.deployment.stoppedBy?.type ?? 'Aborted'))
    status.diagnosis = { ...status.diagnosis, impact: withLast(status.diagnosis.impact, last) };
}
