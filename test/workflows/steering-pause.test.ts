/** A pause of ten minutes, resumed, in each step of each strategy. */
import { EXPOSES, type StrategyStep } from '../../domain/strategies/strategy';
import { stepName } from '../../domain/plan/planned-step';
import { forEachStrategy, nextVersion, type Status } from '../support/each-step';

jest.setTimeout(480_000);

const PAUSE_MS = 10 * 60_000;

const begun = ({ steps }: Status): readonly string[] =>
  steps
    .filter(({ state, phase }) => state === 'started' && phase !== 'validate' && phase !== 'build')
    .map(({ step }) => step);

/** The last step that may begin while it is paused in this one: where users are exposed, the next watch. */
function lastUnder(steps: readonly StrategyStep[], at: number): number {
  const isExposed = steps.slice(0, at + 1).some(({ kind }) => EXPOSES[kind]);
  return isExposed ? steps.findIndex(({ kind }, n) => n >= at && kind === 'watch') : at;
}

forEachStrategy((strategic) => {
  const { app, steps, each, bench, sent } = strategic;

  test.each(each)(
    'a pause of ten minutes in %s holds what comes after it, and a resume lets it go on',
    async (step, at) => {
      const version = nextVersion();
      const { running, accepted, reason } = await sent(version, step, 'pause');
      if (steps[at]?.kind === 'prove') {
        expect({ accepted, reason }).toMatchObject({
          accepted: false,
          reason: expect.stringMatching(/^too late/) as string,
        });
      } else {
        expect(accepted).toBe(true);
        const last = steps[lastUnder(steps, at)] as StrategyStep;
        await running.until(
          ({ step: now, pause }) => now === stepName(last) && (last.kind === 'watch' || pause?.before != null),
        );
        await (last.kind === 'watch' ? bench().watchPasses(PAUSE_MS) : bench().pass(PAUSE_MS));
        const held = await running.status();
        expect(held.pause).toMatchObject({ by: 'bo', reason: 'look first', answer: `mvca resume ${app}` });
        expect(begun(held).at(-1)).toBe(stepName(last));
        await running.handle.signal('resume', { by: 'ana' });
      }
      const result = await running.result();
      expect(result).toMatchObject({ outcome: 'succeeded', reason: null });
      if (accepted) expect(result.seconds).toBeGreaterThanOrEqual(PAUSE_MS / 1000);
      expect(bench().world.serves(app, 'production')).toBe(version);
      expect((await running.status()).pause).toBeNull();
      strategic.serving = version;
    },
  );
});
