/** An abort in each step of each strategy. */
import { forEachStrategy, nextVersion } from '../support/each-step';

jest.setTimeout(480_000);

forEachStrategy((strategic) => {
  const { app, steps, each, bench, sent } = strategic;

  // Of `prove` it is seen on real parts: this server never ends the task that cancels an activity which has just ended.
  const abortable = each.filter(([, at]) => steps[at]?.kind !== 'prove');
  test.each(abortable)('an abort in %s undoes everything', async (step) => {
    const version = nextVersion();
    const { running } = await sent(version, step, 'abort');
    expect(await running.result()).toMatchObject({ outcome: 'rolled-back', failure: 'Aborted' });
    expect(bench().world.serves(app, 'production')).toBe(strategic.serving);
    expect(bench().world.kept(app, 'production')).not.toContain(version);
  });
});
