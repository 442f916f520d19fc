import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { processesOf } from '../../../scripts/demo/leftovers';
import { clearStage, environmentOf, setStage, writeVersion } from '../../../scripts/demo/stage';
import type { Stage } from '../../../scripts/demo/stage';
import { parseSpec } from '../../../domain/spec/parse';
import type { Spec } from '../../../domain/spec/spec';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => clearStage(stage));

async function spec(): Promise<Spec> {
  const parsed = parseSpec(await readFile(path.join(stage.project, 'deployment.yaml'), 'utf8'), 'deployment.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

test('the project is the shop with ports and watches of the demo', async () => {
  const { environments } = await spec();
  expect(environments.map(({ traffic }) => traffic.listen.port)).toEqual([stage.stagingPort, stage.productionPort]);
  expect(environments.map(({ watch }) => watch.forMs)).toEqual([5_000, 10_000]);
  expect(environments[1]?.approval?.from).toEqual(['ana', 'bo']);
  expect(existsSync(path.join(stage.project, 'versions'))).toBe(false);
});

test('a later version keeps them, and brings what changed', async () => {
  await writeVersion(stage, '1.1.0');
  await writeVersion(stage, '1.2.0');
  const [staging, production] = (await spec()).environments;
  expect(staging?.traffic.listen.port).toBe(stage.stagingPort);
  expect(Object.keys(staging?.secrets ?? {})).toEqual(['STRIPE_WEBHOOK_SECRET']);
  expect(production?.secrets).toEqual({});
  const manifest = await readFile(path.join(stage.project, 'package.json'), 'utf8');
  expect(JSON.parse(manifest)).toMatchObject({ name: 'shop', version: '1.2.0' });
  await expect(writeVersion(stage, '9.9.9')).rejects.toThrow(
    'shop has no version 9.9.9; it has 1.0.0, 1.1.0, 1.2.0, 1.3.0',
  );
});

test('settings of this machine do not reach the demo', () => {
  const from = {
    PATH: '/bin',
    TEMPORAL_ADDRESS: 'a:1',
    MVCA_HOME: '/h',
    GIT_DIR: '/g',
    npm_package_name: 'x',
    npm_config_registry: 'r',
  };
  const environment = environmentOf(stage, 'bo', from);
  expect(environment).toMatchObject({ PATH: '/bin', npm_config_registry: 'r', MVCA_HOME: stage.home, MVCA_USER: 'bo' });
  for (const name of ['TEMPORAL_ADDRESS', 'GIT_DIR', 'npm_package_name']) expect(environment[name]).toBeUndefined();
});

test('what still runs is found by its environment or its open files, and what has ended is not', async () => {
  const waits = ['-e', 'setInterval(() => {}, 1000); console.log(1)'];
  const children = [
    spawn(process.execPath, waits, { env: { MVCA_HOME: stage.home }, stdio: ['ignore', 'pipe', 'ignore'] }),
    spawn(process.execPath, waits, { cwd: stage.project, env: {}, stdio: ['ignore', 'pipe', 'ignore'] }),
  ];
  const ended = children.map((child) => once(child, 'exit'));
  try {
    await Promise.all(children.map((child) => once(child.stdout, 'data')));
    const found = await processesOf(stage.root);
    expect(found.map(({ pid }) => pid).sort()).toEqual(children.map(({ pid }) => pid).sort());
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
  await Promise.all(ended);
  expect(await processesOf(stage.root)).toEqual([]);
});
