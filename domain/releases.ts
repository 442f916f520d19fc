/** Which release serves, what may be returned to, and what a deployment that was cut off left behind. */
import type { ReleaseStatus } from './release';
import type { Weights } from './words';

interface Serving {
  readonly releases: readonly ReleaseStatus[];
  readonly weights: Weights;
  readonly lease: { readonly fallback: Weights } | null;
}

/** The release that serves for good: under a lease it is the one that the traffic would go back to. */
export function servingRelease(facts: Serving): ReleaseStatus | null {
  const name = heaviest(facts.lease?.fallback ?? facts.weights) ?? heaviest(facts.weights);
  return facts.releases.find((release) => release.release === name) ?? null;
}

/** Not serving and not proven: left by a deployment that was terminated. A proven one is kept until it is retired. */
export function remains(facts: Serving): readonly ReleaseStatus[] {
  const serving = servingRelease(facts)?.release;
  return facts.releases.filter((release) => release.release !== serving && !release.proven);
}

/** Releases that a rollback may go to, newest first: proven, kept, and not the one that serves. */
export function returnable(facts: Serving): readonly ReleaseStatus[] {
  const serving = servingRelease(facts)?.release;
  return facts.releases
    .filter((release) => release.release !== serving && release.proven)
    .sort((a, b) => b.createdAt - a.createdAt);
}

function heaviest(weights: Weights): string | null {
  const [first] = Object.entries(weights)
    .filter(([, weight]) => weight > 0)
    .sort((a, b) => b[1] - a[1]);
  return first?.[0] ?? null;
}
