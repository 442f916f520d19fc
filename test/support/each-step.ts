/** Every step of every strategy, with the durations of production, on a server that skips time: what a message of a person does in it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvironmentSpec, Spec, StrategySpec } from '../../domain/spec/spec';
import type { StrategyStep } from '../../domain/strategies/strategy';
import { strategyOf, type STRATEGIES } from '../../domain/strategies';
import { stepName } from '../../domain/plan/planned-step';
import { follow, request, type Running } from './deploying';
import { removeScratch, scratch } from './scratch';
import { createSkippingBench, type SkippingBench } from './skipping';
import { environmentSpec, spec } from './specs';

const MINUTE = 60_000;

let bench: SkippingBench;

/** One of each kind; a strategy without one here is a compile error. */
const SPECS: Readonly<Record<keyof typeof STRATEGIES, StrategySpec>> = {
  'blue-green': { kind: 'blue-green' },
  canary: { kind: 'canary', steps: [10, 100], eachMs: MINUTE, onInsufficient: 'hold', stickiness: 'none' },
  rolling: { kind: 'rolling', batch: 1, eachMs: MINUTE, onInsufficient: 'hold', stickiness: 'none' },
};
const KINDS = Object.keys(SPECS) as (keyof typeof SPECS)[];

function production(change: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
  const ordinary = environmentSpec({ secrets: {}, approval: null, integration: [['npm', 'test']] });
  return { ...ordinary, watch: { ...ordinary.watch, forMs: MINUTE, deadlineMs: 60 * MINUTE }, ...change };
}

const shop = (app: string, change: Partial<EnvironmentSpec> = {}): Spec =>
  spec({ app, environments: [production(change)] });

const begin = (of: Spec, version: string): Promise<Running> =>
  bench.start(request(of, { version, directory: scratch() }));

async function deployed(of: Spec, version: string): Promise<void> {
  expect(await (await begin(of, version)).result()).toMatchObject({ outcome: 'succeeded' });
}

/** Sends as soon as the step has begun, while an activity of it is under way, and answers what became of it. */
async function sentIn(app: string, version: string, step: string, message: Sent): Promise<Told> {
  const of = shop(app, changes.get(app));
  let isSent = false;
  const deployment = follow(bench.client.workflow.getHandle(`deploy/${app}`));
  bench.world.onActivity = async (which) => {
    if (which !== app || isSent || (await deployment.status()).step !== step || isSent) return;
    isSent = true;
    await deployment.handle.signal(message.kind, { by: 'bo', reason: 'look first' });
    await deployment.until(({ messages }) => messages.length > 0);
    // The server fails a workflow task that cancels an activity which has ended meanwhile.
    await sleep(50);
  };
  const running = await begin(of, version);
  const [answer] = (await running.until(({ messages }) => messages.length > 0)).messages;
  return { running, accepted: answer?.accepted ?? false, reason: answer?.reason ?? '' };
}

export type Status = Awaited<ReturnType<Running['status']>>;
export interface Sent {
  readonly kind: 'pause' | 'promote' | 'abort';
}
export interface Told {
  readonly running: Running;
  readonly accepted: boolean;
  readonly reason: string;
}

const changes = new Map<string, Partial<EnvironmentSpec>>();
let versions = 1;
export const nextVersion = (): string => `1.${++versions}.0`;

/** One strategy, with the version that serves before its next deployment. */
export interface Strategic {
  readonly app: string;
  readonly steps: readonly StrategyStep[];
  /** Name and place of each step. */
  readonly each: readonly (readonly [string, number])[];
  serving: string;
  readonly bench: () => SkippingBench;
  /** Deploys a new version and sends in this step. */
  readonly sent: (version: string, step: string, kind: Sent['kind']) => Promise<Told>;
}

/** Declares the tests for each strategy, on one server. */
export function forEachStrategy(tests: (strategic: Strategic) => void): void {
  beforeAll(async () => {
    bench = await createSkippingBench();
  });
  afterEach(() => {
    bench.world.onActivity = null;
  });
  afterAll(async () => {
    await bench.stop();
    removeScratch();
  });
  describe.each([...KINDS.map((kind) => [kind, false] as const), ['blue-green', true] as const])(
    'in each step of %s (singleton: %s)',
    (kind, singleton) => {
      const app = `${kind}${singleton ? '-singleton' : ''}`;
      const platform = { ...environmentSpec().platform, singleton, instances: singleton ? 1 : 2 };
      const environment = production({ strategy: SPECS[kind], platform });
      const steps = strategyOf(environment).steps(environment, { first: false });
      const strategic: Strategic = {
        app,
        steps,
        each: steps.map((step, at) => [stepName(step), at] as const),
        serving: '1.0.0',
        bench: () => bench,
        sent: (version, step, sent) => sentIn(app, version, step, { kind: sent }),
      };
      beforeAll(async () => {
        changes.set(app, { strategy: SPECS[kind], platform });
        await deployed(shop(app, changes.get(app)), strategic.serving);
      });
      // One that did not come to its end must not be found by the next.
      afterEach(async () => {
        const { client } = bench;
        const left = client.workflow.getHandle(`deploy/${app}`);
        if ((await left.describe()).status.name === 'RUNNING') await left.terminate('its test is over');
      });
      tests(strategic);
    },
  );
}
