/** What a terminated deployment left: traffic under a lease that nobody renews, and releases that nobody proved. */
import type { ReleaseStatus } from '../../domain/release';
import { remains, servingRelease } from '../../domain/releases';
import { callIn } from '../support/proxies';
import { scaleTo } from './instances';
import type { Release } from './release';
import { describeFailure, halt } from '../support/failure';
import { takeAway } from './take-away';
import { factsOf, showReleases } from './validate';

export async function cleanRemains(release: Release): Promise<void> {
  const { deployment, environment, planned } = release;
  const app = deployment.status.app;
  const facts = await factsOf(app, environment);
  showReleases(deployment, facts);
  const serving = servingRelease(facts);
  if ((serving?.release ?? null) !== (planned.target?.release ?? null)) {
    const found = serving === null ? 'nothing' : serving.release;
    throw halt(
      'PlanRefused',
      `${environment.name}: ${found} serves now, and the plan was made for ${planned.target?.release ?? 'nothing'}; deploy again`,
    );
  }
  const left = remains(facts).filter((status) => status.release !== release.release);
  const leased = facts.lease !== null && facts.lease.holder !== deployment.holder;
  const thin = serving === null ? null : thinOf(serving);
  if (left.length === 0 && !leased && thin === null) return;
  await deployment.step(
    'clean',
    `cleaning what an earlier deployment left: ${left.map((status) => status.release).join(', ')}`,
    async () => {
      const weights = facts.lease?.fallback ?? facts.weights;
      if (leased)
        await callIn(
          environment.name,
          'setWeights',
          'give the traffic back',
        )({ app, environment, addresses: {}, weights, lease: null });
      for (const status of left) await takeAway({ deployment, environment, release: status.release });
      const stopped = `stopped ${left.map((status) => status.release).join(', ') || 'nothing'}`;
      return { value: undefined, summary: thin === null ? stopped : `${stopped}; ${await fill(release, thin)}` };
    },
  );
}

interface Thin {
  readonly release: string;
  readonly whole: number;
}

/** A release that serves with fewer instances than it has: its deployment was terminated in mid-rolling. null: it is whole. */
const thinOf = ({ release, wanted, whole, state }: ReleaseStatus): Thin | null =>
  whole === undefined || wanted === undefined || wanted >= whole || state === 'stopped' ? null : { release, whole };

/** One that does not get well must not stand in the way of the release that is to follow it. */
async function fill(release: Release, { release: serving, whole }: Thin): Promise<string> {
  try {
    await scaleTo(release, { release: serving, count: whole, to: 'more', holder: null, traffic: null });
    return `all ${whole} instances of ${serving} serve again`;
  } catch (error) {
    return `${serving} does not run whole: ${describeFailure(error).message.split('\n')[0] ?? ''}`;
  }
}
