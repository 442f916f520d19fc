/** More instances of the new release, healthy before a larger share comes. The undo of its start stops them all. */
import type { StrategyStep } from '../../domain/strategies/strategy';
import { scaleTo } from './instances';
import type { Release } from './release';

export async function scale(
  release: Release,
  { instances: count }: Extract<StrategyStep, { kind: 'scale' }>,
): Promise<string> {
  const { deployment, goesBackTo } = release;
  const holder = goesBackTo === null ? null : deployment.holder;
  const scaled = await scaleTo(release, { release: release.release, count, to: 'more', holder, traffic: null });
  release.addresses = scaled.addresses;
  return `${count} healthy after ${scaled.seconds.toFixed(1)} s`;
}
