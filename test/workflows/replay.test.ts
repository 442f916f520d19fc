/**
 * Released histories replay on today's workflows: a change that would break a deployment that is under way fails here.
 * `MVCA_RECORD_HISTORIES=1` records them anew from real deployments.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { writeDurably } from '../../system/durable-file';
import type { Spec } from '../../domain/spec/spec';
import { waive } from '../../workflows/messages';
import { bundlePath, createBench, request, shopFolder, type Bench, type Running } from '../support/deploying';
import { deployed, goodFolder, historyFile, shopNamed } from '../support/scenario';
import { removeScratch } from '../support/scratch';

jest.setTimeout(480_000);

const FOLDER = path.join(__dirname, '../histories');
/** Above it, every start of a workflow would feel it. */
const LARGEST_BUNDLE = 3 * 1024 * 1024;

afterAll(removeScratch);

if (process.env['MVCA_RECORD_HISTORIES'] === '1') test('histories of real deployments are recorded', record);

async function record(): Promise<void> {
  const bench = await createBench();
  const keep = async (name: string, running: Running): Promise<void> => {
    await writeDurably(historyFile(name), `${historyToJSON(await running.handle.fetchHistory())}\n`, 0o644);
  };
  try {
    const spec = await shopNamed('recorded');
    await keep('deploy-first', await deployed(bench, spec, '1.0.0'));
    await keep('deploy-second', await deployed(bench, spec, '1.1.0'));
    bench.faults = [{ activity: 'smokeRelease', environment: 'production', app: 'recorded', when: 'after' }];
    const failing = await bench.start(request(spec, { version: '1.2.0', directory: goodFolder() }));
    await failing.result();
    await keep('deploy-rolled-back', failing);
    bench.faults = [];
    const exiting = await bench.start(request(spec, { version: '1.3.0', directory: shopFolder('exits') }));
    await exiting.result();
    await keep('deploy-rejected', exiting);
    const environment = spec.environments[1];
    if (environment === undefined) throw new Error('the spec has a production');
    const back = await bench.rollback({
      app: 'recorded',
      environment,
      notify: [],
      to: null,
      requester: 'ana',
      reason: null,
    });
    await back.result();
    await keep('rollback', back);
    await keep('deploy-waived', await waivedDeployment(bench, spec));
  } finally {
    await bench.stop();
  }
}

/** Nobody asks anything of either release, so both watches are prolonged, held for a person, and waived. */
async function waivedDeployment(bench: Bench, spec: Spec): Promise<Running> {
  const smoke = [{ kind: 'run', command: ['node', '--version'], timeoutMs: 20_000 } as const];
  const silent = { ...spec, environments: spec.environments.map((environment) => ({ ...environment, smoke })) };
  const running = await bench.start(request(silent, { version: '1.4.0', directory: goodFolder() }));
  for (const where of ['staging', 'production']) {
    await running.until(({ waitingFor, environment }) => waitingFor !== null && environment === where);
    await running.handle.signal(waive, { by: 'ana', reason: 'nobody uses it yet' });
    await running.until(({ waitingFor }) => waitingFor === null);
  }
  await running.result();
  return running;
}

test('every stored history replays on the current workflows', async () => {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
  expect(files.length).toBeGreaterThanOrEqual(5);
  const replayed: Record<string, string | null> = {};
  for (const file of files) {
    const history = historyFromJSON(JSON.parse(await readFile(path.join(FOLDER, file), 'utf8')));
    // Under its own name, which is part of what a workflow decides by.
    const id = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? file;
    replayed[file] = await Worker.runReplayHistory({ workflowBundle: { codePath: bundlePath } }, history, id).then(
      () => null,
      (error: Error) => error.message,
    );
  }
  expect(replayed).toEqual(Object.fromEntries(files.map((file) => [file, null])));
});

test('the bundle of the workflows is small, and holds no zod', async () => {
  expect((await stat(bundlePath)).size).toBeLessThan(LARGEST_BUNDLE);
  const code = await readFile(bundlePath, 'utf8');
  expect(code).not.toMatch(/node_modules\/zod\//);
});
