/** The way back in words: which release the traffic would go back to, and whether that would help anybody. */
import { median } from '../numbers';
import type { ReleaseStatus, ServingHealth } from '../release';
import type { EnvironmentSpec } from '../spec/spec';
import type { Timings } from './downtime';

export function wayBack(target: ReleaseStatus | null, kept: readonly ReleaseStatus[]): string {
  if (target === null)
    return 'nothing serves yet, so there is nothing to go back to: if this first release fails, it is stopped, and again nothing serves';
  if (target.state === 'running') return `to ${target.version} (${target.release}), which stays warm`;
  const earlier = kept.find((release) => release.state === 'running');
  const other = earlier === undefined ? '' : `; ${earlier.version} (${earlier.release}) is kept and runs`;
  return `to ${target.version} (${target.release}), which is ${target.state} now${other}`;
}

/** What is added where the old release does not go on until the new one is proven; empty where it does. */
export function restartWords({ name, platform, strategy }: EnvironmentSpec, timings: Timings): string {
  const isRolling = strategy.kind === 'rolling' && platform.instances > 1;
  if (!platform.singleton && !isRolling) return '';
  const seconds = median([...(timings[`${name} start`] ?? [])]);
  const time = seconds === null ? 'as long as its start takes' : `about ${Math.ceil(seconds)} s`;
  return isRolling
    ? `, until its last batch is replaced; from then on its instances are started first (${time})`
    : `, until the switch; from then on it is started first (${time})`;
}

/** Why going back would bring no good release back; null: it would, or nothing serves yet. It is said, and refuses nothing. */
export function badWayBack(target: ReleaseStatus | null, health: ServingHealth | null): string | null {
  if (target === null || health === null || health.release !== target.release || health.seen === null) return null;
  const { healthy, of, seen } = health;
  const count = of === 0 ? seen : `${of - healthy} of ${of} instances are unhealthy (${seen})`;
  return `no good way back: ${target.version} serves, but ${count}; going back would bring that back`;
}
