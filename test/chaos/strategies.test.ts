/** The engine is killed in the midst of each step of canary and rolling, four instances serve 100 requests a second meanwhile. */
import { createProcessPlatform } from '../../activities/platforms/process';
import { LEASE_SECONDS } from '../../domain/lease';
import type { Spec, StrategySpec } from '../../domain/spec/spec';
import { APP, createWorld, killEngine, reach, servingIn, type World } from '../support/chaos';
import { removeScratch } from '../support/scratch';
import { watchServing } from '../support/serving';
import { strategyKills, type StrategyKill } from './table';

jest.setTimeout(720_000);

const INSTANCES = 4;
/** The lease may have been renewed so long before the kill. */
const TOLD_LATE_SECONDS = 3;

const STRATEGIES: Readonly<Record<StrategyKill['strategy'], StrategySpec>> = {
  canary: { kind: 'canary', steps: [10, 50, 100], eachMs: 1_500, onInsufficient: 'promote', stickiness: 'none' },
  rolling: { kind: 'rolling', batch: 1, eachMs: 1_500, onInsufficient: 'promote', stickiness: 'none' },
};

const production = (spec: Spec, strategy: StrategySpec): Spec => ({
  ...spec,
  environments: spec.environments
    .filter(({ name }) => name === 'production')
    .map((each) => ({ ...each, strategy, approval: null, platform: { ...each.platform, instances: INSTANCES } })),
});

let world: World;
beforeAll(async () => {
  world = await createWorld((spec) => production(spec, { kind: 'blue-green' }));
});
afterAll(async () => {
  const left = await world.close();
  removeScratch();
  expect(left).toEqual([]);
});

/** Of each release that runs, by its version: how many instances do. */
async function running(): Promise<Record<string, number>> {
  const all = await createProcessPlatform(world.home).status(APP, 'production');
  return Object.fromEntries(all.map(({ version, state, wanted = 0 }) => [version, state === 'stopped' ? 0 : wanted]));
}

test.each(strategyKills().map((kill) => [`${kill.strategy}: engine ${kill.when} ${kill.step}`, kill] as const))(
  '%s',
  async (_title, { strategy, ...moment }) => {
    const { home, client } = world;
    const [before] = (await servingIn(home, 'production')) ?? [];
    const followed = await world.deploy('good', production(world.spec, STRATEGIES[strategy]));
    client.mark(followed.version);
    const serving = watchServing(home, APP);
    await reach(world, followed, { environment: 'production', ...moment });
    const killedAt = Date.now();
    await killEngine(home);
    await pause(1_000);
    await world.up();
    const awaySeconds = (Date.now() - killedAt) / 1_000;
    const { outcome, failures, reason } = await followed.ended();
    const { least } = await serving.stop();

    const isLate = awaySeconds > LEASE_SECONDS - TOLD_LATE_SECONDS;
    expect({ outcome, failures, reason }).toMatchObject({
      outcome: expect.stringMatching(isLate ? /^(succeeded|rolled-back)$/ : /^succeeded$/) as string,
      failures: [],
    });
    expect(client.snapshot(followed.version).failures).toBe(0);
    // A lease that runs out gives all of the traffic to the old ones that are left.
    if (!isLate) expect(least).toBeGreaterThanOrEqual(strategy === 'rolling' ? INSTANCES - 1 : INSTANCES);
    const now = (await servingIn(home, 'production')) ?? [];
    expect(now).toHaveLength(1);
    if (outcome === 'succeeded') expect(now[0]).toContain(`${followed.version}-`);
    else expect(now).toEqual([before]);
    const version = now[0]?.replace(/-\w+$/, '') ?? '';
    expect(await running()).toMatchObject({ [version]: INSTANCES });
    expect((await world.verifyAudit()).ok).toBe(true);
  },
);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
