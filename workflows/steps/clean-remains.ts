/** What a terminated deployment left: traffic under a lease that nobody renews, and releases that nobody proved. */
import { remains, servingRelease } from '../../domain/releases';
import { callIn } from '../support/proxies';
import type { Release } from './release';
import { halt } from '../support/failure';
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
  if (left.length === 0 && !leased) return;
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
      return { value: undefined, summary: `stopped ${left.map((status) => status.release).join(', ') || 'nothing'}` };
    },
  );
}
