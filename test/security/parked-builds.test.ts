/** Whoever deploys one source many times must not keep the builds of others waiting: what waits for a build holds no place of one. */
import { abort } from '../../workflows/messages';
import { createBench, request, type Bench, type Running } from '../support/deploying';
import { shopNamed } from '../support/scenario';
import { removeScratch, scratch, writeFiles } from '../support/scratch';
import { queuesOf } from '../../worker/queues';

const SLOTS = Math.max(...queuesOf('build').map(({ slots }) => slots));

jest.setTimeout(600_000);

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

/** Builds for so long, which the gate of tests asks for first. */
function sourceThatTakes(seconds: number): string {
  const folder = scratch();
  writeFiles(folder, { 'make.js': `setTimeout(() => {}, ${seconds * 1_000});`, 'server.js': '' });
  return folder;
}

async function deploy(app: string, directory: string): Promise<Running> {
  const { environments, ...shop } = await shopNamed(app);
  const build = { ...shop.build, command: [['node', 'make.js']] };
  return bench.start(request({ ...shop, build, environments: environments.slice(1) }, { directory }));
}

const isAt = (step: string, state: string) => (status: Awaited<ReturnType<Running['status']>>) =>
  status.steps.some((each) => each.step === step && each.state === state);

test('one source that is deployed more often than there are places for builds leaves room for the builds of others', async () => {
  const slow = sourceThatTakes(200);
  const many: Running[] = [];
  for (let n = 0; n < SLOTS + 3; n += 1) many.push(await deploy(`same-${n}`, slow));
  for (const one of many) await one.until(isAt('tests', 'started'));
  const other = await deploy('other', sourceThatTakes(0));
  const { steps } = await other.until(isAt('tests', 'succeeded'));
  expect(steps.some(({ step }) => step === 'tests')).toBe(true);
  await Promise.all(many.map((one) => one.handle.signal(abort, { by: 'ana', reason: 'seen enough' })));
  for (const one of many) expect(await one.result()).toMatchObject({ outcome: 'rejected', failure: 'Aborted' });
  const waited = await many.at(-1)?.handle.fetchHistory();
  expect(waited?.events?.length).toBeLessThan(120);
  await other.handle.signal(abort, { by: 'ana', reason: 'seen enough' });
  await other.result();
});
