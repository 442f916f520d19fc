import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { connectTemporal } from '../../client/temporal-connection';
import { readJson } from '../../system/durable-file';
import { postgres, temporalServer } from '../support/stack';

const MAIN = path.join(__dirname, '../../dist/worker/main.js');
const READY_MS = 60_000;

test('is told by its environment where a cluster and the records are, serves, and ends in good order', async () => {
  const [temporal, database] = await Promise.all([temporalServer(), postgres()]);
  const home = await mkdtemp(path.join(os.tmpdir(), 'mvca-worker-'));
  const worker = startWorker({
    MVCA_HOME: home,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    MVCA_DATABASE: JSON.stringify(database.address),
  });
  const connection = await connectTemporal({ address: temporal.address });
  try {
    await untilReady(worker, path.join(home, 'engine', 'worker.ready.json'));
    const { workflow } = new Client({ connection, namespace: temporal.namespace });
    const machine = await workflow.execute('inspect', {
      workflowId: 'inspect/worker-test',
      taskQueue: 'control',
      workflowExecutionTimeout: '60s',
      args: [{ kind: 'machine', app: null }],
    });
    expect(machine).toEqual([]);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  } finally {
    worker.child.kill('SIGKILL');
    await worker.ended;
    await connection.close();
    await database.drop();
    await rm(home, { recursive: true, force: true });
  }
}, 150_000);

test('says which variable is missing, and ends with 1', async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'mvca-worker-'));
  const worker = startWorker({ MVCA_HOME: home });
  expect(await worker.ended).toBe(1);
  expect(worker.said()).toContain('MVCA_DATABASE is not set');
  await rm(home, { recursive: true, force: true });
}, 30_000);

interface StartedWorker {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly said: () => string;
}

function startWorker(env: Readonly<Record<string, string>>): StartedWorker {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [MAIN], { env: { PATH, HOME, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended, said: () => said };
}

async function untilReady({ child, said }: StartedWorker, file: string): Promise<void> {
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline && child.exitCode === null; await sleep(50)) {
    if ((await readJson<{ pid: number }>(file))?.pid === child.pid) return;
  }
  throw new Error(`the worker did not come up: ${said()}`);
}
