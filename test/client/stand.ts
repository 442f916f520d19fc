/** A real Temporal server with a worker that serves stand-ins for our workflows: for tests of the client alone. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { CommandProgress } from '../../activities/facts-contract';
import { connect, type EngineConnection } from '../../client/connection';
import { readConfig } from '../../client/config';
import { connectTemporal } from '../../client/temporal-connection';
import type { DeploymentResult, DeploymentStatus } from '../../domain/deployment';
import { deploymentId } from '../../workflows/messages';
import { scratch, writeFiles } from '../support/scratch';
import { temporalServer } from '../support/stack';
import type { change, end } from '../support/workflows';

export interface Stand {
  /** What makes a client, or a process of `mvca`, use this server. */
  readonly env: Readonly<Record<string, string>>;
  readonly client: Client;
  connect(): Promise<EngineConnection>;
  /** Says how the application's deployment stands from now on. */
  change(app: string, to: Partial<DeploymentStatus>): Promise<void>;
  /** Lets it end. */
  end(app: string, how?: Partial<DeploymentResult>): Promise<void>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  stop(): Promise<void>;
}

export async function createStand(): Promise<Stand> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { address, namespace } = await temporalServer();
  const queue = `control-${randomUUID()}`;
  const connection = await connectTemporal({ address });
  const native = await NativeConnection.connect({ address });
  const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, '../support/workflows/index.ts'),
    logger: quiet,
  });
  const env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    MVCA_TASK_QUEUE: queue,
    MVCA_HOME: path.join(scratch(), 'home'),
    MVCA_USER: 'ana',
    MVCA_WEB_UI: 'http://ui.example.com/',
  };
  const client = new Client({ connection, namespace });
  let worker: { readonly stop: () => void; readonly ended: Promise<void> } | null = null;
  const startWorker = async (): Promise<void> => {
    const started = await Worker.create({
      connection: native,
      namespace,
      taskQueue: queue,
      workflowBundle,
      activities: { work },
      maxHeartbeatThrottleInterval: '200ms',
      stickyQueueScheduleToStartTimeout: '1s',
    });
    worker = { stop: () => started.shutdown(), ended: started.run() };
  };
  const stopWorker = async (): Promise<void> => {
    worker?.stop();
    await worker?.ended;
    worker = null;
  };
  const signal = (app: string, name: string, value: unknown): Promise<void> =>
    client.workflow.getHandle(deploymentId(app)).signal(name, value);
  await startWorker();
  return {
    env,
    client,
    connect: () => inEnvironment(env, () => connect({ config: readConfig(env) })),
    change: (app, to) => signal(app, CHANGE, to),
    end: (app, how = {}) => signal(app, END, how),
    stopWorker,
    startWorker,
    stop: async () => {
      await stopWorker();
      await Promise.all([connection.close(), native.close()]);
    },
  };
}

// The stand-ins run from a bundle: only their names are needed here.
const CHANGE = 'change' satisfies (typeof change)['name'];
const END = 'end' satisfies (typeof end)['name'];

/** A command that says a line every 200 ms, until the deployment has ended. */
async function work(): Promise<void> {
  const lines = ['added 212 packages', 'compiled 31 files'].map((text, index) => ({ n: index + 1, text }));
  const progress: CommandProgress = { kind: 'command', doing: 'npm ci', lines, log: null };
  for (;;) {
    Context.current().heartbeat(progress);
    await Context.current().sleep(200);
  }
}

/** Temporal's own settings are read from the environment of the process. */
async function inEnvironment<T>(env: Readonly<Record<string, string>>, run: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    return await run();
  } finally {
    process.env = before;
  }
}

/** A folder with a spec of that application, staging and production. */
export function appFolder(app: string): string {
  const folder = scratch();
  const environment = (port: number) => [
    '    platform: { kind: process, start: node server.js }',
    `    traffic: { kind: router, listen: 127.0.0.1:${port} }`,
    '    health: { path: / }',
  ];
  const lines = [
    `app: ${app}`,
    'environments:',
    '  staging:',
    ...environment(8081),
    '  production:',
    ...environment(8080),
  ];
  writeFiles(folder, { 'deployment.yaml': `${lines.join('\n')}\n` });
  return folder;
}
