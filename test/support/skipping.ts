/** Whole deployments in no time: the real workflows on Temporal's time-skipping server, with stand-ins for the activities. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { DeployRequest } from '../../domain/deployment';
import { TIERS } from '../../domain/words';
import type { RollbackRequest } from '../../workflows/messages';
import { queuesOf } from '../../worker/queues';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes';
import { bundlePath, quietRuntime, start, type Running } from './deploying';
import { timeSkippingEnvironment } from './stack';
import { standIns, type Clock, type World } from './stand-ins';

export interface SkippingBench {
  readonly client: Client;
  readonly world: World;
  start(request: DeployRequest): Promise<Running>;
  rollback(request: RollbackRequest): Promise<Running>;
  /** Lets this much time pass, milliseconds, as soon as no activity is under way. */
  pass(ms: number): Promise<void>;
  /** Waits while a watch under way lets this much time pass by itself. */
  watchPasses(ms: number): Promise<void>;
  /** The same, while these workflows end, whose parents have ended before them. */
  passToTheEndOf(orphans: readonly WorkflowHandle[], ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** A server, a clock and a world of its own. Time stands still unless `pass` or a stand-in lets it go on. */
export async function createSkippingBench(): Promise<SkippingBench> {
  quietRuntime();
  const environment = await timeSkippingEnvironment();
  await registerSearchAttributes(environment);
  // Not the environment's own client: that one lets time run as soon as a result is waited for.
  const client = new Client({ connection: environment.connection });
  const clock = clockOf(environment);
  const world = standIns(clock, {
    beat: (token) => client.activity.heartbeat(token),
    underWay: async (workflowId) => {
      const { raw } = await client.workflow.getHandle(workflowId).describe();
      return raw.pendingActivities?.map(({ activityId }) => activityId ?? '') ?? [];
    },
  });
  const workers = await Promise.all(
    ['control', 'build', ...TIERS.map((tier) => `deploy-${tier}`)].flatMap(queuesOf).map(({ queue, workflows }) =>
      Worker.create({
        connection: environment.nativeConnection,
        taskQueue: queue,
        activities: world.activities,
        ...(workflows ? { workflowBundle: { codePath: bundlePath } } : {}),
      }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    client,
    world,
    start: (request) => start(client, { taskQueue: 'control', type: 'deploy' }, request),
    rollback: (request) => start(client, { taskQueue: 'control', type: 'rollback' }, request),
    pass: (ms) => clock.pass(ms),
    watchPasses: async (ms) => {
      for (const until = (await clock.now()) + ms; (await clock.now()) < until;) await sleep(20);
    },
    passToTheEndOf: async (orphans, ms) => {
      const passed = clock.pass(ms);
      for (const orphan of orphans) {
        await orphan.result();
        // The server locks its time until the parent has heard of the end, which one that has ended never does.
        await environment.connection.testService?.unlockTimeSkipping({});
      }
      await passed;
    },
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await environment.teardown();
    },
  };
}

/** The server knows none at first. It can add search attributes, but not list them as `ensureSearchAttributes` does. */
async function registerSearchAttributes({ connection, namespace }: TestWorkflowEnvironment): Promise<void> {
  const keyword = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  await connection.operatorService.addSearchAttributes({
    namespace: namespace ?? 'default',
    searchAttributes: Object.fromEntries(Object.values(SEARCH_ATTRIBUTES).map(({ name }) => [name, keyword])),
  });
}

/**
 * The server counts locks on its time, one from the start and one for each activity under way, and skips while there is none. So time
 * passes for nobody while anything but timers and sleeping stand-ins is under way. One at a time, since one that sleeps would let
 * another's lock go.
 */
function clockOf(environment: TestWorkflowEnvironment): Clock {
  const { testService } = environment.connection;
  if (testService === undefined) throw new Error('the server of the environment cannot skip time');
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => (last = last.then(work));
  return {
    now: () => environment.currentTimeMs(),
    pass: (ms) => inTurn(() => environment.sleep(ms)),
    passWithin: (ms) =>
      inTurn(async () => {
        await testService.unlockTimeSkipping({});
        await environment.sleep(ms);
        await testService.lockTimeSkipping({});
      }),
    goesOnDuring: async (work) => {
      await testService.unlockTimeSkipping({});
      await work();
      await testService.lockTimeSkipping({});
    },
  };
}
