import { LEASE_SECONDS } from '../../domain/lease';
import { createWorld, killEngine, reach, servingIn, type World } from '../support/chaos';
import { removeScratch } from '../support/scratch';

jest.setTimeout(720_000);

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  const left = await world.close();
  removeScratch();
  expect(left).toEqual([]);
});

/** Errors are seen one request late at most, the lease's timer fires when the router has a moment, and so does the client. */
const SLACK_SECONDS = 3;

test('a bad release loses its traffic within the lease when the whole engine is killed for good', async () => {
  const { spec, home, client } = world;
  const [old] = (await servingIn(home, 'production')) ?? [];
  // A watch that bears the errors, so that nothing but the lease can give the traffic back.
  const tolerant = {
    ...spec,
    environments: spec.environments.map((each) => ({
      ...each,
      watch: { ...each.watch, errors: 0.9, forMs: each.name === 'production' ? 60_000 : each.watch.forMs },
    })),
  };
  const followed = await world.deploy('bad', tolerant);
  client.mark('bad');
  await reach(world, followed, { environment: 'production', step: 'watch', when: 'before' });
  await pause(500);
  const killedAt = Date.now();
  await killEngine(home);
  await until(async () => (await servingIn(home, 'production'))?.join() === old, 30_000);
  await pause(2_000);
  const { failures, lastBadAt } = client.snapshot('bad');
  expect(failures).toBeGreaterThan(0);
  const seconds = ((lastBadAt ?? Infinity) - killedAt) / 1_000;
  process.stderr.write(`last bad answer ${seconds.toFixed(1)} s after the kill, ${failures} bad answers\n`);
  expect(seconds).toBeLessThanOrEqual(LEASE_SECONDS + SLACK_SECONDS);

  // Somebody starts it days later: the watch learns of it and rolls back.
  await world.up();
  const ended = await followed.ended();
  expect(ended.outcome).toBe('rolled-back');
  expect(await servingIn(home, 'production')).toEqual([old]);
  expect((await world.verifyAudit()).ok).toBe(true);
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => Promise<boolean>, ms: number): Promise<void> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await pause(50)) if (await condition()) return;
}
