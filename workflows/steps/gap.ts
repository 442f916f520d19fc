/** The time in which nobody served, between a release that must not run twice and the next one. */
import type { Trafficked } from './release';

/**
 * Ends the gap, if there is one, and says how long it was: from the last request that could reach the one release to the first that could
 * reach the other, by the router's clock.
 * @param at ISO, when the router gave the traffic to somebody again.
 */
export function gapWords(release: Trafficked, at: string): string {
  const { gapFrom, deployment, environment } = release;
  if (gapFrom === undefined) return '';
  delete release.gapFrom;
  const seconds = Math.max(0, Date.parse(at) - gapFrom) / 1_000;
  deployment.timed({ environment: environment.name, what: 'gap', seconds });
  return `; nobody served for ${seconds.toFixed(1)} s`;
}
