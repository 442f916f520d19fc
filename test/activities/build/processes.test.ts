import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Artifact } from '../../../domain/source';
import { builderAt } from '../../support/builder';
import { inActivity } from '../../support/in-activity';
import { livingWith } from '../../support/living';
import { removeScratch, scratch, writeFiles } from '../../support/scratch';

const FIXTURE = path.join(__dirname, '../../fixtures/build/build-once.js');
const builder = builderAt();
const command = [['node', 'make.js']];
afterAll(removeScratch);

function builderProcess(request: object) {
  const child = spawn(process.execPath, [FIXTURE, builder.home.root, JSON.stringify(request), builder.shared], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return {
    child,
    done: new Promise<Artifact>((resolve) => child.once('close', () => resolve(JSON.parse(out || 'null') as Artifact))),
  };
}

/** An application whose build appends its pid to a file, and takes as long as it is told. */
function slowApplication(name: string, ms: number): { folder: string; pids: string } {
  const pids = path.join(builder.shared, name);
  const folder = scratch();
  writeFiles(folder, {
    'make.js': `require('fs').appendFileSync(${JSON.stringify(pids)},process.pid+' ');if(!require('fs').existsSync(${JSON.stringify(`${pids}.quick`)}))setTimeout(()=>{},${ms})`,
  });
  return { folder, pids };
}
const pidsIn = (file: string): number[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').map(Number) : [];

test('Two processes that build the same inputs at once build them once', async () => {
  const { folder, pids } = slowApplication('twice', 800);
  const request = await builder.request(folder, { command });
  const [one, two] = await Promise.all([builderProcess(request).done, builderProcess(request).done]);
  expect(two.digest).toBe(one.digest);
  expect([one.built, two.built].sort()).toEqual([false, true]);
  expect(pidsIn(pids)).toHaveLength(1);
});

test('A build whose worker is killed is begun anew, and its command is ended first', async () => {
  const { folder, pids } = slowApplication('killed', 600_000);
  const request = await builder.request(folder, { command: [['node', 'make.js', pids]] });
  const { child, done } = builderProcess(request);
  while (pidsIn(pids).length === 0) await sleep(20);
  child.kill('SIGKILL');
  await done;
  expect(livingWith(pids).length).toBeGreaterThan(0);
  writeFiles(builder.shared, { 'killed.quick': '' });
  const artifact = await inActivity(() => builder.buildArtifact(request));
  expect(artifact.built).toBe(true);
  expect(livingWith(pids)).toEqual([]);
  expect(pidsIn(pids)).toHaveLength(2);
});
