/**
 * Whole deployments for tests: the real workflows and activities on a real Temporal server, with a home, a database and task queues
 * of their own. Faults are thrown around real activities, before or after their effect.
 */
import path from 'node:path';
import { Client, NamespaceNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type ActivityInterceptorsFactory,
} from '@temporalio/worker';
import { createActivities } from '../../activities/create-activities';
import { openRecords } from '../../activities/records';
import pg from 'pg';
import { connectTemporal } from '../../client/temporal-connection';
import type { DeploymentResult, DeploymentStatus, DeployRequest } from '../../domain/deployment';
import type { EnvGrant } from '../../domain/secrets/env-grants';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { TIERS } from '../../domain/words';
import { homeAt, type Home } from '../../system/home';
import { setSecret } from '../../system/secret-store';
import { stopUnits } from '../../embedded/stop-units';
import { ensureSearchAttributes } from '../../worker/search-attributes';
import { queuesOf } from '../../worker/queues';
import { deploymentId, status as statusQuery, type RollbackRequest } from '../../workflows/messages';
import { freePort } from './ports';
import { scratch, writeFiles } from './scratch';
import { environmentSpec, spec } from './specs';
import { postgres, temporalServer, type TestDatabase } from './stack';

export interface Fault {
  readonly activity: string;
  /** Only in this environment; missing: in any. */
  readonly environment?: string;
  /** Only of this application; missing: of any. */
  readonly app?: string;
  readonly when: 'before' | 'after';
  /** Calls that go well first, and how many fail then; missing: none, and all. */
  readonly skip?: number;
  readonly times?: number;
  /** Answered instead of a failure. */
  readonly answer?: unknown;
  /** Type of the failure; it is not repeated. */
  readonly type?: string;
}

export interface Bench {
  readonly home: Home;
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly queue: string;
  readonly namespace: string;
  /** Of the Temporal server. */
  readonly address: string;
  readonly database: TestDatabase;
  /** Faults that are thrown from now on. */
  faults: readonly Fault[];
  /** What is kept of applications stays from one deployment to the next; false: each is the first use, from whichever folder. */
  keepsPolicies: boolean;
  /** Told of every activity that begins, which waits until it has heard. */
  onActivity: ((name: string, environment: string | null, app: string) => void | Promise<void>) | null;
  start(request: DeployRequest): Promise<Running>;
  rollback(request: RollbackRequest): Promise<Running>;
  stop(): Promise<void>;
}

export interface Running {
  readonly handle: WorkflowHandle;
  status(): Promise<DeploymentStatus>;
  /** Waits until the condition holds; throws with the status when it does not within `withinMs`, three minutes by default. */
  until(condition: (status: DeploymentStatus) => boolean, withinMs?: number): Promise<DeploymentStatus>;
  result(): Promise<DeploymentResult>;
}

const WAIT_MS = 180_000;
let benches = 0;
let quiet = false;

/** Once a process; a test that fails says why by itself. */
export function quietRuntime(): void {
  if (quiet) return;
  quiet = true;
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter } } });
}

export interface BenchOptions {
  /** The spec is read anew from the folder, as in an engine; missing: what is asked for is taken, of which no file need be written. */
  readonly readsSpecs?: boolean;
  /** Folder of the home; missing: a new one. */
  readonly folder?: string;
  /** File to which heads of the audit log are written as well. */
  readonly anchor?: string;
  /** Who may read which variables of this process, as `secret://env/NAME`. */
  readonly grants?: readonly EnvGrant[];
  /** Where the worker finds the records, when not where they are. */
  readonly records?: (address: TestDatabase['address']) => Promise<TestDatabase['address']>;
}

export async function createBench({
  folder,
  records,
  anchor,
  grants = [],
  readsSpecs = false,
}: BenchOptions = {}): Promise<Bench> {
  const [temporal, database] = await Promise.all([temporalServer(), postgres()]);
  const home = homeAt(folder ?? scratch());
  const pool = openRecords((await records?.(database.address)) ?? database.address);
  const suffix = `${process.pid}-${++benches}`;
  quietRuntime();
  const target = { connection: { address: temporal.address }, namespace: temporal.namespace };
  const [connection, native] = await Promise.all([
    connectTemporal({ address: temporal.address }),
    NativeConnection.connect({ address: temporal.address }),
    ensureSearchAttributes(target),
  ]);
  const client = new Client({ connection, namespace: temporal.namespace });
  const activities = createActivities({
    home,
    pool,
    environment: { variables: process.env, grants },
    ...(anchor !== undefined && { anchor: { kind: 'file', path: anchor } as const }),
    ...(readsSpecs ? {} : { readSpec: async ({ directory }, spec) => ({ spec, directory }) }),
  });
  const bench: Bench = {
    home,
    client,
    connection: native,
    queue: `control-${suffix}`,
    namespace: temporal.namespace,
    address: temporal.address,
    database,
    faults: [],
    keepsPolicies: false,
    onActivity: null,
    start: async (request) => {
      if (!bench.keepsPolicies) await forgetPolicies(database);
      return start(client, { taskQueue: `control-${suffix}`, type: 'deploy' }, request);
    },
    rollback: (request) => start(client, { taskQueue: `control-${suffix}`, type: 'rollback' }, request),
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await stopUnits(home, () => undefined);
      await Promise.all([native.close(), connection.close(), pool.end()]);
      await database.drop();
    },
  };
  const queues = ['control', 'build', ...TIERS.map((tier) => `deploy-${tier}`)].map((name) => `${name}-${suffix}`);
  // One for all workers: a fault counts its calls, in whatever queue they come.
  const faults = faulty(() => bench);
  const workers = await Promise.all(
    queues.flatMap(queuesOf).map(({ queue, slots, workflows }) =>
      Worker.create({
        connection: native,
        namespace: temporal.namespace,
        taskQueue: queue,
        activities,
        maxConcurrentActivityTaskExecutions: slots,
        ...(workflows ? { workflowBundle: { codePath: bundlePath } } : {}),
        maxHeartbeatThrottleInterval: '200ms',
        stickyQueueScheduleToStartTimeout: '2s',
        shutdownGraceTime: '1s',
        interceptors: { activity: [faults] },
      }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return bench;
}

/** Before the first deployment there is no table. */
async function forgetPolicies({ address }: TestDatabase): Promise<void> {
  const records = new pg.Client({ ...address });
  await records.connect();
  try {
    const { rows } = await records.query<{ exists: boolean }>(
      "SELECT to_regclass('mvca.addresses') IS NOT NULL AS exists",
    );
    if (rows[0]?.exists === true)
      await records.query('TRUNCATE mvca.applications, mvca.policies, mvca.addresses, mvca.environments');
  } finally {
    await records.end();
  }
}

export const bundlePath = path.join(__dirname, '../../dist/workflow-bundle.js');

/** A deployment is what happens to `shop`: two environments, short watches, one instance each, no approval. */
export async function shopSpec(
  change: (environment: EnvironmentSpec) => EnvironmentSpec = (same) => same,
): Promise<Spec> {
  const environments = [];
  for (const name of ['staging', 'production'] as const) {
    environments.push(change(await quickEnvironment(name)));
  }
  return spec({ environments });
}

export async function quickEnvironment(name: EnvironmentSpec['name']): Promise<EnvironmentSpec> {
  const ordinary = environmentSpec();
  return environmentSpec({
    name,
    platform: { ...ordinary.platform, instances: 1 },
    traffic: { kind: 'router', listen: { host: '127.0.0.1', port: await freePort() }, drainMs: 2_000 },
    secrets: {},
    health: { ...ordinary.health, everyMs: 100, startMs: 15_000 },
    stop: { graceMs: 2_000 },
    watch: { ...ordinary.watch, forMs: 600, minimum: 4, deadlineMs: 60_000 },
    approval: null,
  });
}

/** A folder that holds an application which answers with its version, and 500 for everything but its health when it is `bad`. */
export function shopFolder(how: 'good' | 'bad' | 'exits' = 'good'): string {
  const folder = scratch();
  writeFiles(folder, { 'server.js': SERVERS[how], '.mvcaignore': '' });
  return folder;
}

const SERVERS = {
  good: server('response.end(`version ${process.env.APP_VERSION}`);'),
  bad: server(
    "response.statusCode = request.url === '/healthz' || request.url === '/' ? 200 : 500; response.end('x');",
  ),
  exits: "console.error('Error: no configuration'); process.exit(3);\n",
};

function server(body: string): string {
  return `const http = require('node:http');
const server = http.createServer((request, response) => { response.setHeader('x-app-version', process.env.APP_VERSION); ${body} });
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); setInterval(() => server.closeIdleConnections(), 50).unref(); });
`;
}

export function request(spec: Spec, change: Partial<DeployRequest> = {}): DeployRequest {
  return {
    spec,
    directory: shopFolder(),
    version: '1.0.0',
    dirty: true,
    to: 'production',
    requester: 'ana',
    ...change,
  };
}

export { setSecret };

export async function start(
  client: Client,
  { taskQueue, type }: { readonly taskQueue: string; readonly type: 'deploy' | 'rollback' },
  wanted: DeployRequest | RollbackRequest,
): Promise<Running> {
  const handle = await client.workflow.start(type, {
    args: [wanted],
    taskQueue,
    workflowId: deploymentId('spec' in wanted ? wanted.spec.app : wanted.app),
    workflowIdConflictPolicy: 'FAIL',
    ...(type === 'rollback' ? { priority: { priorityKey: 1 } } : {}),
  });
  return follow(handle);
}

export function follow(handle: WorkflowHandle): Running {
  const status = (): Promise<DeploymentStatus> => handle.query(statusQuery);
  return {
    handle,
    status,
    result: () => handle.result() as Promise<DeploymentResult>,
    until: async (condition, withinMs = WAIT_MS) => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const now = await status().catch(ifLostForNow);
        if (now !== null && condition(now)) return now;
        if (Date.now() > deadline) throw new Error(`never so: ${JSON.stringify({ ...now, plan: null }, null, 1)}`);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
  };
}

/** Under load the server has answered once that it does not know a namespace in which it was working. */
function ifLostForNow(error: unknown): null {
  if (error instanceof NamespaceNotFoundError) return null;
  throw error;
}

function faulty(bench: () => Bench): ActivityInterceptorsFactory {
  const calls = new Map<Fault, number>();
  const strikes = (fault: Fault): boolean => {
    const call = calls.get(fault) ?? 0;
    calls.set(fault, call + 1);
    const { skip = 0, times = Infinity } = fault;
    return call >= skip && call < skip + times;
  };
  return (context) => ({
    inbound: {
      execute: async (input, next) => {
        const { activityType } = context.info;
        const environment = environmentOf(context.info.taskQueue);
        const app = (context.info.workflowExecution?.workflowId ?? '').split('/')[1] ?? '';
        await bench().onActivity?.(activityType, environment, app);
        const meant = bench().faults.find(
          (fault) =>
            fault.activity === activityType &&
            (fault.environment === undefined || fault.environment === environment) &&
            (fault.app === undefined || fault.app === app),
        );
        const hit = meant !== undefined && strikes(meant) ? meant : undefined;
        if (hit?.answer !== undefined) return hit.answer;
        const fail = (): never => {
          throw ApplicationFailure.nonRetryable(`${activityType} failed on purpose`, hit?.type ?? 'OnPurpose');
        };
        if (hit?.when === 'before') fail();
        const answer = await next(input);
        if (hit?.when === 'after') fail();
        return answer;
      },
    },
  });
}

const environmentOf = (queue: string): string | null => /^(?:deploy|watch|return)-([a-z]+)/.exec(queue)?.[1] ?? null;
