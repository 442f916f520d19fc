import { cpSync, createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import yazl from 'yazl';
import type { Platform, StartRequest } from '../../../activities/platforms/port';
import { createProcessPlatform } from '../../../activities/platforms/process';
import { homeAt, releaseFolder, type Home } from '../../../system/home';
import { writeJson } from '../../../system/durable-file';
import { keeperPidFile, livingProcess, programFile } from '../../../system/keeper';
import { isLockFile } from '../../../system/lock';
import { tailLogs } from '../../../system/logs';
import { isAlive, signal, type ProcessIdentity } from '../../../system/process-identity';
import { listUnits, unitFile, unitPidFile } from '../../../system/units';
import { definitionOf, until } from '../../host/place';
import { EXITS, SERVER } from '../../host/scripts';

let root: string;
let home: Home;
let platform: Platform;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'mvca-platform-'));
  home = homeAt(path.join(root, 'home'));
  platform = createProcessPlatform(home);
});
afterEach(async () => {
  for (const { release } of await platform.status('shop', 'staging'))
    await platform.stop(named(release), { keep: false });
  await until('no keeper runs', () => livingProcess(keeperPidFile(home)) === null);
  await rm(root, { recursive: true, force: true });
});

const named = (release: string) => ({ app: 'shop', environment: 'staging', release });
const folderOf = (release: string) => releaseFolder(home, 'shop', 'staging', release);
const live = async (release: string) =>
  (await platform.status('shop', 'staging')).find((status) => status.release === release);

type Entry = Partial<tar.Header> & { name: string };

async function tarOf(entries: readonly [Entry, string?][]): Promise<string> {
  const file = path.join(root, `${Math.random().toString(36).slice(2)}.tar`);
  const pack = tar.pack();
  for (const [header, content] of entries) pack.entry(header, content ?? '');
  pack.finalize();
  await pipeline(pack as unknown as NodeJS.ReadableStream, createWriteStream(file));
  return file;
}

async function requestOf(release: string, script: string, changes: Partial<StartRequest> = {}): Promise<StartRequest> {
  const { format: _format, createdAt: _createdAt, ...parts } = definitionOf(release);
  const artifactFile = changes.artifactFile ?? (await tarOf([[{ name: 'app.js' }, script]]));
  return { ...parts, artifactFile, artifactKind: 'tar', secrets: {}, ...changes };
}

const get = (port: number, urlPath = '/'): Promise<string> =>
  new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path: urlPath, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text));
      })
      .on('error', reject);
  });

/** As a version with a mark for changes makes it. */
const RELEASE = '1.0.0-rc.1+dirty.e63dd0d-6982e3fb';

test('a release starts, is seen, is started again as it was, and goes without a trace', async () => {
  const request = await requestOf(RELEASE, SERVER, { instances: 2, secrets: { KEY: 'a planted secret' } });
  const started = await platform.start(request);
  expect(started.instances).toHaveLength(2);
  await until('it runs', async () => (await live(RELEASE))?.state === 'running');
  const first = await live(RELEASE);
  expect(first).toMatchObject({
    version: '1.0.0',
    environment: 'staging',
    proven: false,
    addresses: started.instances,
  });
  expect(first?.createdAt).toBeGreaterThan(Date.now() - 60_000);
  expect(await get(started.instances[0]?.port ?? 0)).toBe(String(first?.instances[0]?.pid));

  // Again: the same processes.
  const again = await Promise.all([
    platform.start(request),
    platform.start(request),
    platform.scale(named(RELEASE), 'all'),
  ]);
  expect(again).toEqual([started, started, { ...started, checks: null }]);
  expect((await live(RELEASE))?.instances.map(({ pid }) => pid)).toEqual(first?.instances.map(({ pid }) => pid));

  await platform.mark(named(RELEASE), { proven: true });
  await platform.stop(named(RELEASE), { keep: true });
  expect(await live(RELEASE)).toMatchObject({ state: 'stopped', proven: true, createdAt: first?.createdAt });
  await expect(get(started.instances[0]?.port ?? 0)).rejects.toThrow('ECONNREFUSED');
  expect(await platform.scale(named(RELEASE), 'all')).toEqual({ ...started, checks: null });
  await until('it runs again', async () => (await live(RELEASE))?.state === 'running');

  const text = await readFile(path.join(folderOf(RELEASE), 'secrets.sealed'), 'utf8');
  expect(text).not.toContain('a planted secret');
  await platform.stop(named(RELEASE), { keep: false });
  await platform.stop(named(RELEASE), { keep: false });
  expect(await platform.status('shop', 'staging')).toEqual([]);
  expect(await listUnits(home)).toEqual([]);
  expect(await readdir(path.join(home.host, 'releases'))).toEqual([]);
});

test('another definition under the same name is an error that says what differs', async () => {
  const request = await requestOf('r1', SERVER);
  await platform.start(request);
  const changed = { ...request, variables: { LEVEL: 'debug' }, instances: 3 };
  await expect(platform.start(changed)).rejects.toThrow('another instances, variables');
});

test('an application that ends at once is started all the same, and status and logs say why it does not live', async () => {
  const { instances } = await platform.start(await requestOf('r1', EXITS));
  expect(instances).toHaveLength(1);
  await until('its end is seen', async () => (await live('r1'))?.instances[0]?.lastExit?.code === 7);
  expect((await live('r1'))?.state).not.toBe('running');
  await until('its words are kept', async () => {
    const lines = await tailLogs(folderOf('r1'), 20, { stream: 'err' });
    return lines.some(({ line }) => line === 'there is no UPSTREAM_URL');
  });
});

test('an application that never listens stays `starting`', async () => {
  await platform.start(await requestOf('r1', 'setInterval(() => {}, 1000)'));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await live('r1')).toMatchObject({ state: 'starting', instances: [{ lastExit: null }] });
});

test('status tells the truth while the runner is away', async () => {
  await platform.start(await requestOf('r1', SERVER));
  await until('it runs', async () => (await live('r1'))?.state === 'running');
  const [pid] = (await live('r1'))?.instances.map((each) => each.pid) ?? [];
  const keeper = livingProcess(keeperPidFile(home)) as ProcessIdentity;
  const runner = livingProcess(unitPidFile(folderOf('r1'))) as ProcessIdentity;
  signal(keeper, 'SIGKILL');
  signal(runner, 'SIGKILL');
  await until('the runner is gone', () => !isAlive(runner));
  expect(await live('r1')).toMatchObject({ state: 'running', instances: [{ pid }] });
  // Keeper and runner are dead together: the next wish brings both back, and adopts what runs.
  await platform.scale(named('r1'), 'all');
  expect(await live('r1')).toMatchObject({ instances: [{ pid, restarts: 0 }] });
});

test('a start that was cut off at any point is completed, or removed', async () => {
  const request = await requestOf('r1', SERVER);
  await mkdir(folderOf('r1'), { recursive: true });
  expect(await live('r1')).toMatchObject({ state: 'stopped', version: '', proven: false });
  await mkdir(path.join(folderOf('r1'), 'app.12345678'));
  await writeFile(path.join(folderOf('r1'), 'app.12345678', 'half'), 'half');
  await platform.start(request);
  expect((await readdir(folderOf('r1'))).filter((name) => name.startsWith('app'))).toEqual(['app']);
  await mkdir(folderOf('r2'), { recursive: true });
  await mkdir(path.join(path.dirname(folderOf('r1')), '.removed-r0.12345678'));
  await platform.stop(named('r2'), { keep: false });
  const left = await readdir(path.dirname(folderOf('r1')));
  expect(left.filter((name) => !isLockFile(name))).toEqual(['r1']);
});

test('what is not kept cannot be started or marked, and names that lead elsewhere are refused', async () => {
  await expect(platform.scale(named('r9'), 'all')).rejects.toThrow('r9 of shop in staging is not kept');
  await expect(platform.mark(named('r9'), { proven: true })).rejects.toThrow('no release r9');
  await expect(platform.stop(named('..'), { keep: false })).rejects.toThrow('cannot name a folder');
  await platform.stop(named('r9'), { keep: false });
});

test('a zip is unpacked as a tar is, programs stay programs, links inside stay links', async () => {
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from(SERVER), 'lib/app.js', { mode: 0o100644 });
  zip.addBuffer(Buffer.from('#!/usr/bin/env node\nrequire("./lib/app.js");\n'), 'run me', { mode: 0o100755 });
  zip.addBuffer(Buffer.from('lib/app.js'), 'app.js', { mode: 0o120777 });
  zip.end();
  const artifactFile = path.join(root, 'app.zip');
  await pipeline(zip.outputStream, createWriteStream(artifactFile));
  const request = await requestOf('r1', '', { artifactFile, artifactKind: 'zip', start: ['./run me'] });
  await platform.start(request);
  await until('it runs', async () => (await live('r1'))?.state === 'running');
  expect(await readlink(path.join(folderOf('r1'), 'app', 'app.js'))).toBe('lib/app.js');
});

describe('an archive that would leave its folder is refused, and nothing runs', () => {
  const outside = () => path.join(root, 'home', 'host', 'releases', 'shop', 'staging', 'r1', 'evil');
  const attacks: readonly [string, () => [Entry, string?][]][] = [
    ['a name with ..', () => [[{ name: '../evil' }, 'x']]],
    ['a name with .. inside', () => [[{ name: 'a/../../evil' }, 'x']]],
    ['an absolute name', () => [[{ name: outside() }, 'x']]],
    ['a link out', () => [[{ name: 'link', type: 'symlink', linkname: '../evil' }]]],
    ['an absolute link', () => [[{ name: 'link', type: 'symlink', linkname: '/etc/passwd' }]]],
    [
      'a link out by way of another link',
      () => [
        [{ name: 'p/q/r', type: 'symlink', linkname: '../..' }],
        [{ name: 'link', type: 'symlink', linkname: 'p/q/r/../evil' }],
      ],
    ],
    [
      'a file written through a link',
      () => [[{ name: 'link', type: 'symlink', linkname: '.' }], [{ name: 'link/evil' }, 'x']],
    ],
    ['a hard link out', () => [[{ name: 'link', type: 'link', linkname: '../../../../../secrets/key' }]]],
    ['a device', () => [[{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }]]],
    ['a block device', () => [[{ name: 'disk', type: 'block-device', devmajor: 8, devminor: 0 }]]],
    ['a named pipe', () => [[{ name: 'pipe', type: 'fifo' }]]],
    [
      'a file twice',
      () => [
        [{ name: 'app.js' }, 'x'],
        [{ name: 'app.js' }, 'y'],
      ],
    ],
  ];
  test.each(attacks)('%s', async (_what, entries) => {
    const artifactFile = await tarOf([[{ name: 'first.js' }, SERVER], ...entries()]);
    await expect(platform.start(await requestOf('r1', '', { artifactFile }))).rejects.toThrow();
    await expect(lstat(outside())).rejects.toThrow('ENOENT');
    expect(await listUnits(home)).toEqual([]);
    expect(await live('r1')).toMatchObject({ state: 'stopped', instances: [] });
  });
});

describe('persistent folders', () => {
  const WRITER = `
    const fs = require('node:fs');
    require('node:http').createServer((request, response) => {
      if (request.url !== '/') fs.writeFileSync('uploads' + request.url, process.env.MVCA_RELEASE);
      response.end(fs.readdirSync('uploads').sort().join(','));
    }).listen(Number(process.env.PORT), '127.0.0.1');
  `;
  const artifact = (content: string) =>
    tarOf([
      [{ name: 'api/app.js' }, WRITER],
      [{ name: 'api/uploads/seed' }, content],
    ]);

  test('outlive a release: the first one moves its content there, later ones find it, and removal leaves it', async () => {
    const changes = { directory: 'api', persistent: ['uploads', 'data/cache'] };
    const one = await platform.start(await requestOf('r1', '', { ...changes, artifactFile: await artifact('one') }));
    await until('it runs', async () => (await live('r1'))?.state === 'running');
    expect(await get(one.instances[0]?.port ?? 0, '/from-r1')).toBe('from-r1,seed');
    const two = await platform.start(await requestOf('r2', '', { ...changes, artifactFile: await artifact('two') }));
    await until('it runs', async () => (await live('r2'))?.state === 'running');
    await platform.stop(named('r1'), { keep: false });
    expect(await get(two.instances[0]?.port ?? 0)).toBe('from-r1,seed');
    const kept = path.join(home.host, 'persistent', 'shop', 'staging');
    expect(await readFile(path.join(kept, 'uploads', 'seed'), 'utf8')).toBe('one');
    expect(await readdir(path.join(kept, 'data', 'cache'))).toEqual([]);
    await platform.stop(named('r2'), { keep: false });
    expect(await readFile(path.join(kept, 'uploads', 'from-r1'), 'utf8')).toBe('r1');
  });
});

test('logs of a release hold no secret that it printed, in whatever form, also cut into pieces', async () => {
  const KEY = 'Zk9/planted+secret=value';
  const script = `
    const key = process.env.KEY;
    console.log('starts with ' + key);
    console.error('Authorization: Basic ' + Buffer.from('ana:' + key).toString('base64'));
    console.log('?key=' + encodeURIComponent(key) + ' ' + JSON.stringify({ key }));
    process.stdout.write('in parts: ' + key.slice(0, 5));
    setTimeout(() => { process.stdout.write(key.slice(5) + '\\n'); console.log('y'.repeat(65536 - 5) + key + 'z'.repeat(100000)); console.log('done'); }, 50);
    setInterval(() => {}, 1000);
  `;
  await platform.start(await requestOf('r1', script, { secrets: { KEY, TINY: 'done' } }));
  const log = path.join(folderOf('r1'), 'logs', 'release.ndjson');
  await until('all is written', async () => (await readFile(log, 'utf8')).includes('"done"'));
  const text = await readFile(log, 'utf8');
  const forms = [
    KEY,
    Buffer.from(KEY).toString('base64').slice(0, -4),
    encodeURIComponent(KEY),
    KEY.slice(5),
    KEY.slice(0, 8),
  ];
  for (const form of forms) expect(text).not.toContain(form);
  expect(text).toContain('in parts: [secret]');
});

test('runs a part of its instances, and as many as are asked for from then on, also where the runner is away', async () => {
  const started = await platform.start(await requestOf('r1', SERVER, { instances: 3, count: 1 }));
  expect(started.instances).toHaveLength(1);
  await until('it runs', async () => (await live('r1'))?.state === 'running');
  expect(await live('r1')).toMatchObject({ wanted: 1, whole: 3, instances: [{ instance: 0 }] });
  expect((await platform.scale(named('r1'), 2)).instances).toHaveLength(2);
  const runner = livingProcess(unitPidFile(folderOf('r1'))) as ProcessIdentity;
  signal(runner, 'SIGKILL');
  expect((await platform.scale(named('r1'), 1)).instances).toEqual(started.instances);
  expect(await live('r1')).toMatchObject({ wanted: 1, instances: [{ instance: 0, restarts: 0 }] });
  // None: its files stay, and no runner.
  expect((await platform.scale(named('r1'), 0)).instances).toEqual([]);
  expect(await live('r1')).toMatchObject({ state: 'stopped' });
  expect(await listUnits(home)).toEqual([]);
  expect((await platform.scale(named('r1'), 'all')).instances).toHaveLength(3);
  await expect(platform.scale(named('r1'), 4)).rejects.toThrow('r1 has 3 instances');
});

test('a runner of an older version, which runs all or none, is followed by one of this version; its instances go on', async () => {
  const { instances } = await platform.start(await requestOf('r1', SERVER, { instances: 2 }));
  const before = (await live('r1'))?.instances.map(({ pid }) => pid);
  const [unit] = await listUnits(home);
  const older = olderRunner();
  await writeJson(unitFile(home, unit?.name ?? ''), { ...unit, main: older });
  const runner = livingProcess(unitPidFile(folderOf('r1'))) as ProcessIdentity;
  signal(runner, 'SIGTERM');
  await until('the older one runs', () => livingProcess(unitPidFile(folderOf('r1')))?.pid !== runner.pid);
  await until('it answers', async () => (await live('r1'))?.state === 'running');
  expect(await platform.scale(named('r1'), 'all')).toMatchObject({ instances });
  expect(await platform.scale(named('r1'), 1)).toMatchObject({ instances: instances.slice(0, 1) });
  expect((await live('r1'))?.instances.map(({ pid }) => pid)).toEqual(before?.slice(0, 1));
});

/** The program of this runner without the request that it did not know then. */
function olderRunner(): string {
  const folder = path.join(root, 'older');
  const dist = path.dirname(path.dirname(path.dirname(programFile('host/runner/main.js'))));
  for (const part of ['host', 'system', 'domain'])
    cpSync(path.join(dist, part), path.join(folder, part), { recursive: true });
  const main = path.join(folder, 'host/runner/main.js');
  const fleet = path.join(folder, 'host/runner/runner.js');
  writeFileSync(main, readFileSync(main, 'utf8').replace("'PUT /instances'", "'unknown then'"));
  writeFileSync(fleet, readFileSync(fleet, 'utf8').replace(/wanted: fleet\.wanted\(\),/, ''));
  return main;
}
