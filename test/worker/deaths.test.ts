import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { noteCrash } from '../../system/crashes';
import { homeAt, type Home } from '../../system/home';
import { identify } from '../../system/process-identity';
import { failureOf } from '../support/in-activity';
import { removeScratch, scratch } from '../support/scratch';
import { countDeaths } from '../../worker/deaths';

afterAll(removeScratch);

let home: Home;
beforeEach(() => (home = homeAt(scratch())));

const own = identify(process.pid) ?? { pid: 0, started: '' };
const never = (): Promise<never> => new Promise(() => undefined);
const notes = () => readdirSync(path.join(home.engine, 'in-hand'));

/** One attempt of an activity; one that the worker died of never ends. */
function attempt(
  work: () => Promise<unknown>,
  info: { activityType?: string; activityId?: string } = {},
  worker = countDeaths(home),
): Promise<unknown> {
  const { context } = new MockActivityEnvironment({ activityType: 'buildArtifact', activityId: '1', ...info });
  return Promise.resolve(worker(context).inbound?.execute?.({ args: [], headers: {} }, work));
}

async function dies(how: string, info: { activityType?: string; activityId?: string } = {}): Promise<void> {
  void attempt(never, info);
  await sleep(20);
  noteCrash(home, own, how);
}

test.each(['ended with code 134', 'ended with code 1', 'was killed by SIGABRT', 'was killed by SIGSEGV'])(
  'An activity in whose hands the worker %s twice is not tried a third time',
  async (how) => {
    await dies(how);
    await dies(how);
    const tried = jest.fn(never);
    expect(await failureOf(attempt(tried))).toEqual({
      type: 'WorkerDied',
      message: expect.stringContaining('died 2 times while it did buildArtifact'),
      final: true,
    });
    expect(tried).not.toHaveBeenCalled();
    expect(notes()).toEqual([]);
  },
);

test.each(['identifySource', 'snapshotSource', 'startRelease', 'diagnoseRelease'])(
  'So it is with %s, which reads what an application wrote',
  async (activityType) => {
    await dies('ended with code 1', { activityType });
    await dies('ended with code 1', { activityType });
    expect(await failureOf(attempt(never, { activityType }))).toMatchObject({ type: 'WorkerDied', final: true });
  },
);

test.each(['was killed by SIGKILL', 'was killed by SIGTERM', 'ended with code 0', 'ended'])(
  'A worker that %s counts nothing, however often',
  async (how) => {
    for (let n = 0; n < 5; n += 1) await dies(how);
    expect(await attempt(async () => 'done')).toBe('done');
  },
);

test('What changes the traffic, or undoes, is tried whatever happens', async () => {
  for (let n = 0; n < 5; n += 1) await dies('ended with code 134', { activityType: 'setWeights' });
  expect(await attempt(async () => 'done', { activityType: 'setWeights' })).toBe('done');
});

test('Suspects work one after another, so that the second death is that of one alone', async () => {
  void attempt(never, { activityId: 'good' });
  void attempt(never, { activityId: 'bad' });
  await sleep(20);
  noteCrash(home, own, 'ended with code 134');
  const [order, worker]: [string[], ReturnType<typeof countDeaths>] = [[], countDeaths(home)];
  const bad = attempt(
    async () => {
      order.push('bad begins');
      await sleep(50);
      order.push('bad ends');
    },
    { activityId: 'bad' },
    worker,
  );
  const good = attempt(async () => order.push('good'), { activityId: 'good' }, worker);
  await Promise.all([bad, good]);
  expect(order).toEqual(['bad begins', 'bad ends', 'good']);
});
