/** Some instances of the old release stop, so that as many of the new one can start. Undo: start them again. */
import type { StrategyStep } from '../../domain/strategies/strategy';
import { cutWords, scaleTo } from './instances';
import type { Release } from './release';

export async function makeRoom(
  release: Release,
  { old: count, of }: Extract<StrategyStep, { kind: 'make-room' }>,
): Promise<string> {
  const { deployment, environment, goesBackTo: old } = release;
  if (old === null) return 'nothing serves yet';
  const unchanged = { release: old, holder: null, traffic: null };
  deployment.saga.register({
    environment: environment.name,
    step: 'make-room',
    does: `run all ${of} instances of ${old} again`,
    leaves: { kind: 'start-again', release: old, in: environment },
    act: async () => {
      await scaleTo(release, { ...unchanged, count: of, to: 'more', isUndo: true });
      return `${of} of ${of} instances of ${old} serve`;
    },
  });
  const scaled = await scaleTo(release, { ...unchanged, count, to: 'fewer' });
  return `${count} of ${of} instances of ${old} serve on${cutWords(scaled)}`;
}
