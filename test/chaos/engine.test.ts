import { createWorld, type World } from '../support/chaos';
import { removeScratch } from '../support/scratch';
import { expectSurvival } from './expect-survival';
import { engineKills, titleOf } from './table';

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

describe('a deployment ends whole, and no request fails, when a part of the engine is killed:', () => {
  test.each(engineKills().map((kill) => [titleOf(kill), kill] as const))('%s', async (_title, kill) => {
    await expectSurvival(world, kill);
  });
});
