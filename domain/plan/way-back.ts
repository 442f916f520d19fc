/** The way back in words: which release the traffic would go back to, and whether that would help anybody. */
import type { ReleaseStatus, ServingHealth } from '../release';

export function wayBack(target: ReleaseStatus | null, kept: readonly ReleaseStatus[]): string {
  if (target === null)
    return 'nothing serves yet, so there is nothing to go back to: if this first release fails, it is stopped, and again nothing serves';
  if (target.state === 'running') return `to ${target.version} (${target.release}), which stays warm`;
  const earlier = kept.find((release) => release.state === 'running');
  const other = earlier === undefined ? '' : `; ${earlier.version} (${earlier.release}) is kept and runs`;
  return `to ${target.version} (${target.release}), which is ${target.state} now${other}`;
}

/** Why going back would bring no good release back; null: it would, or nothing serves yet. It is said, and refuses nothing. */
export function badWayBack(target: ReleaseStatus | null, health: ServingHealth | null): string | null {
  if (target === null || health === null || health.release !== target.release || health.seen === null) return null;
  const { healthy, of, seen } = health;
  const count = of === 0 ? seen : `${of - healthy} of ${of} instances are unhealthy (${seen})`;
  return `no good way back: ${target.version} serves, but ${count}; going back would bring that back`;
}
