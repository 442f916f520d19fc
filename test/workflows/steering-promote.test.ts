/** A promotion in each step of each strategy. */
import { forEachStrategy, nextVersion } from '../support/each-step';

jest.setTimeout(480_000);

forEachStrategy((strategic) => {
  const { steps, each, sent } = strategic;

  test.each(each)('a promotion in %s ends a watch, and nothing else', async (step, at) => {
    const version = nextVersion();
    const { running, accepted, reason } = await sent(version, step, 'promote');
    const isWatch = steps[at]?.kind === 'watch';
    expect({ accepted, reason }).toMatchObject({ accepted: isWatch });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
    const said = (await running.status()).steps.find(({ step: name, state }) => name === step && state === 'succeeded');
    if (isWatch) expect(said?.summary).toMatch(/^promoted by bo: look first; 30 answers until then, healthy/);
    else expect(reason).toMatch(/^nothing is waited for that could be skipped|^too late/);
    strategic.serving = version;
  });
});
