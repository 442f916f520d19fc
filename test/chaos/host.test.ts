import { createWorld, type World } from '../support/chaos';
import { removeScratch } from '../support/scratch';
import { expectSurvival } from './expect-survival';
import { hostKills, titleOf } from './table';

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

describe('a deployment ends whole, and only what was in flight fails, when a part of what serves is killed:', () => {
  test.each(hostKills().map((kill) => [titleOf(kill), kill] as const))('%s', async (_title, kill) => {
    await expectSurvival(world, kill);
  });
});
