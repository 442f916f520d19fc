/** A planted secret is found nowhere: not after a success, not after a failure that prints it, not after a crash of the engine. */
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { processesOf as engineProcesses } from '../../embedded/processes';
import { processesOf } from '../../scripts/demo/leftovers';
import { homeAt } from '../../system/home';
import { isAlive, signal } from '../../system/process-identity';
import { copyFixture } from '../support/fixture-apps';
import { mvca as runMvca, type Ran } from '../support/mvca';
import { freePort } from '../support/ports';
import { removeScratch, scratch } from '../support/scratch';

jest.setTimeout(600_000);

const SECRET = 'pl4nted/+value=&?4711-zq9Xw';
const FORMS = [SECRET, Buffer.from(SECRET).toString('base64'), encodeURIComponent(SECRET)];
/** Printed by the application beside its secret: where this is not found, the search itself is broken. */
const CONTROL = 'starts with API_KEY=';

const root = scratch();
const project = path.join(root, 'project');
const home = homeAt(path.join(root, 'home'));
const output: string[] = [];

async function mvca(args: readonly string[], input?: string): Promise<Ran> {
  const env = { MVCA_HOME: home.root, MVCA_USER: 'ana' };
  const ran = await runMvca(args, { cwd: project, env, ...(input !== undefined && { input }) });
  output.push(ran.out, ran.err);
  return ran;
}

beforeAll(async () => {
  await copyFixture('prints-secret', project);
  const spec = [
    'app: teller',
    'tests: { unit: npm test }',
    'environments:',
    '  staging:',
    '    platform: { kind: process, start: node server.js, instances: 1 }',
    `    traffic: { kind: router, listen: "127.0.0.1:${await freePort()}" }`,
    '    secrets: { API_KEY: secret://file/teller/staging/API_KEY }',
    '    health: { path: /, start: 20s }',
    '    watch: { for: 3s }',
  ];
  await writeFile(path.join(project, 'deployment.yaml'), `${spec.join('\n')}\n`);
  expect((await mvca(['secrets', 'set', 'teller', 'staging', 'API_KEY'], `${SECRET}\n`)).code).toBe(0);
});
afterAll(async () => {
  await mvca(['down', '--all']);
  removeScratch();
});

/** Files below the root, sealed ones included, that hold one of the texts; compressed ones are looked into. */
async function filesWith(texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0); // removed by its owner meanwhile
      throw error;
    });
    const contents = isGzip(bytes) ? [bytes, gunzipSync(bytes)] : [bytes];
    if (texts.some((text) => contents.some((content) => content.includes(text)))) found.push(file);
  }
  return found;
}

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function processesWith(file: 'cmdline' | 'environ'): Promise<string[]> {
  const all = await processesOf(root);
  const held = await Promise.all(all.map(({ pid }) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')));
  return all.filter((_, index) => FORMS.some((form) => held[index]?.includes(form))).map(({ command }) => command);
}

async function expectNowhere(): Promise<void> {
  expect(await filesWith(FORMS)).toEqual([]);
  expect(await processesWith('cmdline')).toEqual([]);
  // An instance has its secrets in its environment by nature; no process of ours has.
  expect((await processesWith('environ')).filter((command) => command !== 'node server.js')).toEqual([]);
  expect(FORMS.filter((form) => output.join('\n').includes(form))).toEqual([]);
}

test('after a success', async () => {
  expect(await mvca(['deploy', '--version', '1.0.0'])).toMatchObject({ code: 0 });
  await mvca(['logs', 'teller']);
  expect(await filesWith([CONTROL])).not.toEqual([path.join(project, 'server.js')]);
  expect(await processesWith('environ')).toEqual(['node server.js']);
  await expectNowhere();
});

test('after a failure of an application that printed it', async () => {
  await appendFile(path.join(project, 'server.js'), '\nthrow new Error(`no account for ${key}`);\n');
  const { code } = await mvca(['deploy', '--version', '1.1.0']);
  expect([3, 4]).toContain(code);
  await mvca(['report', 'teller']);
  await expectNowhere();
});

test('after a crash of the whole engine within a watch', async () => {
  const server = path.join(project, 'server.js');
  await writeFile(server, (await readFile(server, 'utf8')).replace(/\nthrow .*\n/, '\n'));
  // Long enough to be met by whoever asks every few seconds.
  const spec = path.join(project, 'deployment.yaml');
  await writeFile(spec, (await readFile(spec, 'utf8')).replace('for: 3s', 'for: 60s'));
  expect((await mvca(['deploy', '--version', '1.2.0', '--detach'])).code).toBe(0);
  let step = '';
  for (const deadline = Date.now() + 60_000; step !== 'watch' && Date.now() < deadline; await sleep(200)) {
    const { out } = await mvca(['status', 'teller', '--json']);
    step = (JSON.parse(out) as { readonly step: string }).step;
  }
  expect(step).toBe('watch');
  const { supervisor, worker, temporal, postgres, backends } = await engineProcesses(home);
  for (const part of [supervisor, worker, temporal, postgres]) expect(part).toHaveLength(1);
  for (const identity of [supervisor, worker, temporal, postgres, backends].flat()) signal(identity, 'SIGKILL');
  expect(await untilDead()).toEqual([]);
  await expectNowhere();
  expect(await livingParts()).toEqual([]);
});

/** Names of the engine's parts that still live; helpers of PostgreSQL see within moments that it is gone. */
async function untilDead(): Promise<string[]> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(100)) {
    if ((await livingParts()).length === 0) break;
  }
  return livingParts();
}

async function livingParts(): Promise<string[]> {
  const parts = Object.entries(await engineProcesses(home));
  return parts.filter(([, processes]) => processes.some(isAlive)).map(([name]) => name);
}
