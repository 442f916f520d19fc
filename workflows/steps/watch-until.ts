/** A watch that can be ended from the workflow, with its figures until then; and one that goes on while the deployment is paused. */
import {
  ActivityFailure,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { WatchRequest } from '../../activities/contract';
import { shareOfNew, type WatchResult } from '../../domain/judge/figures';
import { callIn } from '../support/proxies';
import type { Trafficked } from './release';

export interface Watching {
  readonly release: Trafficked;
  readonly startedAt: number;
  /** The weight that was set for the new release, in percent. */
  readonly weight: number;
}

type Period = Pick<WatchRequest, 'forMs' | 'mode'>;

/** The deadline of a pause comes from the workflow; the watch must not end before it. */
const BEYOND_DEADLINE_MS = 60_000;

/** Watches until the period is over, or until `isOver`: the activity then ends with what it knows. */
export async function watchUntil(watching: Watching, period: Period, isOver: () => boolean): Promise<WatchResult> {
  const scope = new CancellationScope();
  const watched = scope.run(() => watchFor(watching, period));
  const told = scope.run(() => condition(isOver)).then(() => null);
  try {
    const result = (await Promise.race([watched, told])) ?? (await lastFigures(watching, watched, scope));
    // What ended because the whole deployment is being undone is no verdict to go on with.
    if (CancellationScope.current().consideredCancelled) await CancellationScope.current().cancelRequested;
    return result;
  } finally {
    scope.cancel();
  }
}

/** While it is paused nothing but `unhealthy` ends a watch whose time is over. */
export async function whilePaused(watching: Watching, result: WatchResult): Promise<WatchResult> {
  const { steering } = watching.release.deployment;
  let last = result;
  while (last.verdict !== 'unhealthy' && steering.isPaused) {
    const forMs = Date.now() - watching.startedAt + steering.leftMs() + BEYOND_DEADLINE_MS;
    last = await watchUntil(watching, { forMs, mode: 'watch' }, () => !steering.isPaused);
  }
  return last;
}

async function lastFigures(
  watching: Watching,
  watched: Promise<WatchResult>,
  scope: CancellationScope,
): Promise<WatchResult> {
  scope.cancel();
  try {
    return await watched;
  } catch (error) {
    if (CancellationScope.current().consideredCancelled || !isUnheard(error)) throw error;
    const before = watching.release.deployment.status.watches.at(-1);
    // Deployments from before it could answer had none, and went on.
    if (before !== undefined && !patched('last-look-of-a-watch')) return before;
    return watchFor(watching, { forMs: 0, mode: 'watch' });
  }
}

/** It was told to end before it had begun, or its worker was killed just then. */
const isUnheard = (error: unknown): boolean =>
  isCancellation(error) || (error instanceof ActivityFailure && error.cause instanceof TimeoutFailure);

async function watchFor({ release, startedAt, weight }: Watching, period: Period): Promise<WatchResult> {
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
    startedAt,
    ...period,
  });
  deployment.status.watches = [...deployment.status.watches, { ...result, environment: environment.name, weight }];
  deployment.status.why = result.why;
  deployment.setMeasured(environment.name, sharesOf(release, result));
  deployment.note('watch.ended', result.reason, {
    facts: { verdict: result.verdict, real: result.real, own: result.own },
  });
  return result;
}

function sharesOf({ release, goesBackTo }: Trafficked, result: WatchResult): Record<string, number | null> {
  const share = shareOfNew(result);
  return { [release]: share, ...(goesBackTo === null ? {} : { [goesBackTo]: share === null ? null : 100 - share }) };
}
