#!/usr/bin/env node
/** The worker: composes what the workflows ask for and serves its task queues until it is told to stop. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { NativeConnection, Runtime, Worker, type ActivityInterceptorsFactory } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities';
import { openRecords } from '../activities/records';
import { writeJson } from '../system/durable-file';
import { closeInherited } from '../system/inherited';
import { note, traceOf } from '../system/note';
import { nameProcess } from '../system/unit-process';
import { boundAnswers } from './bounded-answers';
import { readConfig, type WorkerConfig } from './config';
import { bridgeLeases } from './leases';
import { createLogger } from './logger';
import { countDeaths } from './deaths';
import { queuesOf, type ServedQueue } from './queues';
import { ensureSearchAttributes } from './search-attributes';
import { catchUncaught, failByUncaught } from './uncaught';

/** Quick calls come to an end in it; what goes on is cancelled then, and repeated by the next worker. */
const SHUTDOWN_GRACE = '1s';
const CACHED_WORKFLOWS = 200;
const POLLS = 5;
/** How often followers see new figures. */
const HEARTBEAT_THROTTLE = '500ms';

async function main(): Promise<void> {
  closeInherited();
  nameProcess('mvca-worker');
  catchUncaught((error) => {
    say(error);
    process.exit(1);
  });
  const config = readConfig(process.env);
  await mkdir(config.home.root, { recursive: true, mode: 0o700 });
  // First of all: what an engine before this one left under a lease is given time until its watch goes on.
  await bridgeLeases(config.home, 'start');
  // `forward`: the SDK's core would write to the console by itself.
  Runtime.install({ logger: createLogger(), telemetryOptions: { logging: { forward: {} } }, shutdownSignals: [] });
  const pool = openRecords(config.database);
  const [connection] = await Promise.all([NativeConnection.connect(config.connection), ensureSearchAttributes(config)]);
  const activities = createActivities({
    home: config.home,
    pool,
    environment: config.environment,
    anchor: config.anchor,
    recordings: config.recordings,
    owners: config.owners,
  });
  const interceptors = [countDeaths(config.home), failByUncaught, boundAnswers];
  const workers = await Promise.all(
    config.queues
      .flatMap(queuesOf)
      .map((served) => createWorker(config, connection, { served, activities, interceptors })),
  );
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const running = Promise.all(workers.map((worker) => worker.run()));
  await writeJson(path.join(config.home.engine, 'worker.ready.json'), { pid: process.pid });
  await running;
  // After the watches ended, which would have asked for less.
  await bridgeLeases(config.home, 'stop');
  await Promise.all([connection.close(), pool.end()]);
}

interface Served {
  readonly served: ServedQueue;
  readonly activities: ReturnType<typeof createActivities>;
  readonly interceptors: ActivityInterceptorsFactory[];
}

function createWorker(
  config: WorkerConfig,
  connection: NativeConnection,
  { served, activities, interceptors }: Served,
): Promise<Worker> {
  const { queue, slots, workflows } = served;
  return Worker.create({
    connection,
    namespace: config.namespace,
    taskQueue: queue,
    activities,
    interceptors: { activity: interceptors },
    ...(workflows ? { workflowBundle: { codePath: path.join(__dirname, '..', 'workflow-bundle.js') } } : {}),
    maxCachedWorkflows: CACHED_WORKFLOWS,
    maxConcurrentActivityTaskExecutions: slots,
    maxConcurrentActivityTaskPolls: Math.min(POLLS, slots),
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: '15s',
    // A worker that was killed is missed after this long, not after ten seconds.
    stickyQueueScheduleToStartTimeout: '2s',
  });
}

const say = (error: unknown): void => note(`mvca-worker: ${traceOf(error)}`);

main().catch((error: unknown) => {
  say(error);
  process.exitCode = 1;
});
