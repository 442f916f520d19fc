import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createSourceActivities } from '../../activities/source';
import { noteUse, tidyStore } from '../../activities/store-retention';
import type { Snapshot } from '../../domain/source';
import { contentFile, digestOfText, storeContent } from '../../system/content-store';
import { homeAt, releaseFolder, type Home } from '../../system/home';
import { builderAt } from '../support/builder';
import { plainBuild, removeScratch, scratch, writeFiles } from '../support/scratch';

afterAll(removeScratch);

const HOUR_MS = 60 * 60_000;
const newHome = (): Home => homeAt(path.join(scratch(), 'home'));

/** Stores a text, last used so many hours ago; answers its digest. */
async function stored(home: Home, kind: 'snapshots' | 'artifacts', text: string, hours: number): Promise<string> {
  const { digest, file } = await storeContent(path.join(home.store, kind), 'tar', bytes(text));
  aged(file, hours);
  return digest;
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

function aged(file: string, hours: number): void {
  const at = new Date(Date.now() - hours * HOUR_MS);
  utimesSync(file, at, at);
}

const isThere = (home: Home, kind: 'snapshots' | 'artifacts', digest: string): boolean =>
  existsSync(contentFile(path.join(home.store, kind), digest, 'tar'));

test('the newest few stay, and the oldest go first', async () => {
  const home = newHome();
  const snapshots = [];
  const artifacts = [];
  for (let age = 2; age < 14; age += 1) {
    snapshots.push(await stored(home, 'snapshots', `source ${age}`, age));
    artifacts.push(await stored(home, 'artifacts', `artifact ${age}`, age));
  }
  expect(await tidyStore(home)).toHaveLength(7 + 2);
  expect(snapshots.map((digest) => isThere(home, 'snapshots', digest))).toEqual(snapshots.map((_, at) => at < 5));
  expect(artifacts.map((digest) => isThere(home, 'artifacts', digest))).toEqual(artifacts.map((_, at) => at < 10));
  expect(await tidyStore(home)).toEqual([]);
});

test('what an application deployed last stays, whatever its age, until it deploys something else', async () => {
  const home = newHome();
  const used = await deployedLongAgo(home, 'shop');
  await fill(home);
  await tidyStore(home);
  expect([isThere(home, 'snapshots', used.snapshot), isThere(home, 'artifacts', used.artifact)]).toEqual([true, true]);
  await noteUse(home, { deployment: 'deploy/other', snapshot: used.inputs, inputs: used.inputs, packages: [] });
  await tidyStore(home);
  expect(isThere(home, 'artifacts', used.artifact)).toBe(true);
  for (const app of ['shop', 'other'])
    await noteUse(home, { ...used.use, deployment: `deploy/${app}`, snapshot: OTHER, inputs: OTHER });
  await tidyStore(home);
  expect([isThere(home, 'snapshots', used.snapshot), isThere(home, 'artifacts', used.artifact)]).toEqual([
    false,
    false,
  ]);
});

test('the artifact of a kept release stays as long as the release', async () => {
  const home = newHome();
  const artifact = await stored(home, 'artifacts', 'of a release', 999);
  const folder = releaseFolder(home, 'shop', 'production', '1.0.0-abc');
  writeFiles(folder, { 'release.json': JSON.stringify({ format: 1, artifact }) });
  await fill(home);
  await tidyStore(home);
  expect(isThere(home, 'artifacts', artifact)).toBe(true);
  writeFiles(folder, { 'release.json': JSON.stringify({ format: 1, artifact: OTHER }) });
  await tidyStore(home);
  expect(isThere(home, 'artifacts', artifact)).toBe(false);
});

test('what was stored within the hour stays, and what a killed process was writing goes after it', async () => {
  const home = newHome();
  for (let n = 0; n < 20; n += 1) await stored(home, 'snapshots', `young ${n}`, 0);
  const half = path.join(home.store, 'snapshots', '.123.abcd.tmp');
  writeFileSync(half, 'half');
  expect(await tidyStore(home)).toEqual([]);
  aged(half, 2);
  expect(await tidyStore(home)).toEqual([half]);
});

test('where a definition cannot be read, nothing is removed and the deployment is told', async () => {
  const home = newHome();
  await fill(home);
  writeFiles(releaseFolder(home, 'shop', 'production', '1.0.0-abc'), { 'release.json': '{' });
  await expect(tidyStore(home)).rejects.toThrow(/release\.json is not JSON/);
  expect(readdirSync(path.join(home.store, 'artifacts'))).toHaveLength(15);
  const snapshot = await taken(home, 'deploy');
  expect(snapshot.warnings.join()).toMatch(/store grows.*release\.json is not JSON/);
});

test('a deployment notes what it takes, a plan does not, and either tidies', async () => {
  const home = newHome();
  await fill(home);
  await taken(home, 'plan');
  expect(existsSync(path.join(home.store, 'uses'))).toBe(false);
  expect(readdirSync(path.join(home.store, 'artifacts'))).toHaveLength(10);
  const { digest } = await taken(home, 'deploy');
  aged(contentFile(path.join(home.store, 'snapshots'), digest, 'tar'), 999);
  await tidyStore(home);
  expect(isThere(home, 'snapshots', digest)).toBe(true);
  expect(readdirSync(path.join(home.store, 'uses'))).toHaveLength(1);
});

test('an artifact that went is built again', async () => {
  const builder = builderAt();
  const folder = scratch();
  writeFiles(folder, { 'a.js': 'a' });
  const first = await builder.build(folder);
  aged(await builder.artifacts.open(first), 999);
  await fill(builder.home);
  await tidyStore(builder.home);
  expect(isThere(builder.home, 'artifacts', first.digest)).toBe(false);
  const again = await builder.build(folder);
  expect(again).toMatchObject({ digest: first.digest, built: true });
});

const OTHER = digestOfText('something else');

/** More than is kept, all unused, all younger than what the tests look at. */
async function fill(home: Home): Promise<void> {
  for (let n = 0; n < 15; n += 1) {
    await stored(home, 'snapshots', `filling ${n}`, 3);
    await stored(home, 'artifacts', `filling ${n}`, 3);
  }
}

async function deployedLongAgo(home: Home, app: string) {
  const snapshot = await stored(home, 'snapshots', 'source', 999);
  const artifact = await stored(home, 'artifacts', 'artifact', 999);
  const inputs = digestOfText('inputs');
  const name = `builds/${inputs.slice(7)}.json`;
  writeFiles(home.store, { [name]: JSON.stringify({ value: { format: 1, inputs, digest: artifact } }) });
  aged(path.join(home.store, name), 999);
  const use = { deployment: `deploy/${app}`, snapshot, inputs, packages: [] };
  await noteUse(home, use);
  return { snapshot, artifact, inputs, use };
}

async function taken(home: Home, workflowType: 'deploy' | 'plan'): Promise<Snapshot> {
  const directory = scratch();
  writeFiles(directory, { 'a.js': workflowType });
  const workflowExecution = { workflowId: `${workflowType}/shop`, runId: 'run' };
  const environment = new MockActivityEnvironment({ workflowType, workflowExecution });
  const request = { directory, version: '1.0.0', dirty: true, git: false, build: plainBuild };
  const { snapshotSource } = createSourceActivities({ home });
  return environment.run(snapshotSource, request);
}
