/** An application that root's engine runs may be anybody's code. What it tries, told by itself over HTTP. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { adminSocket, persistentFolder, releaseFolder } from '../../system/home';
import { keeperPidFile, livingProcess } from '../../system/keeper';
import { logsFolder, LOG_FILE } from '../../system/logs';
import { isAlive, signal, type ProcessIdentity } from '../../system/process-identity';
import { releaseAccountProblem } from '../../system/release-account';
import { setSecret } from '../../system/secret-store';
import { unitPidFile } from '../../system/units';
import { until } from '../host/place';
import { deployedApps, type DeployedApp, type DeployedApps } from '../support/deployed-apps';

jest.setTimeout(360_000);

/** Runs what it is sent, and answers what came of it. */
const OBEDIENT = `
  const fs = require('fs'), cp = require('child_process'), net = require('net'), os = require('os');
  const attempt = (what) => { try { return String(what()); } catch (error) { return error.code ?? error.message; } };
  const reach = (to) => new Promise((resolve) => {
    const socket = net.connect(to, () => { socket.destroy(); resolve('connected'); });
    socket.on('error', (error) => resolve(error.code));
  });
  require('http').createServer((request, response) => {
    let script = '';
    request.on('data', (chunk) => (script += chunk)).on('end', async () => {
      response.end(JSON.stringify(await eval(script) ?? null));
    });
  }).listen(Number(process.env.PORT), '127.0.0.1');
`;

async function has<T = Record<string, unknown>>({ port }: DeployedApp, script: string): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: `(async () => (${script}))()` });
  return (await answer.json()) as T;
}

const isRoot = process.getuid?.() === 0;
const quoted = JSON.stringify;
const REFUSED = expect.stringMatching(/^(ENOENT|EACCES|EPERM)$/) as unknown;

let apps: DeployedApps;
let why: string | null = null;
beforeAll(async () => {
  why = await releaseAccountProblem();
  if (why !== null) process.stdout.write(`releases run as this account: ${why}\n`);
  apps = await deployedApps();
});
afterAll(() => apps.remove());

const apart = (title: string, work: () => Promise<void>) =>
  test(title, async () => {
    if (why === null) await work();
  });

describe('A release of an application', () => {
  let victim: DeployedApp;
  let thief: DeployedApp;
  const places = (): string[] => {
    const { home } = apps;
    return [
      path.join(home.secrets, 'key'),
      path.join(home.root, 'accounts', 'ledger.json'),
      path.join(victim.folder, 'release.json'),
      path.join(victim.folder, 'secrets.sealed'),
      path.join(victim.folder, 'app', 'app.js'),
      path.join(victim.folder, 'logs', LOG_FILE),
      path.join(persistentFolder(home, 'shop', 'staging'), 'uploads', 'invoice'),
      path.join(thief.folder, 'release.json'),
      path.join(thief.folder, 'secrets.sealed'),
      path.join(thief.folder, 'account.json'),
    ];
  };
  beforeAll(async () => {
    await setSecret(apps.home, { app: 'shop', environment: 'staging', name: 'KEY' }, 'a planted secret');
    await mkdir(apps.home.store, { recursive: true });
    await writeFile(path.join(apps.home.store, 'artifact'), 'x');
    victim = await apps.deploy(
      OBEDIENT,
      { persistent: ['uploads'], secrets: { KEY: 'a planted secret' } },
      { 'uploads/invoice': 'ours' },
    );
    thief = await apps.deploy(OBEDIENT, { app: 'thief' });
  });

  apart(
    'finds neither the key, nor the store, nor files of another application, nor what is kept of itself',
    async () => {
      for (const file of places()) expect(existsSync(file)).toBe(true);
      const { home } = apps;
      const folders = [
        home.root,
        home.store,
        home.secrets,
        home.host,
        path.dirname(path.dirname(victim.folder)),
        thief.folder,
      ];
      const found = await has(
        thief,
        `{
        files: ${quoted(places())}.map((file) => attempt(() => fs.readFileSync(file))),
        folders: ${quoted(folders)}.map((folder) => attempt(() => fs.readdirSync(folder).sort())),
        shadow: attempt(() => fs.readFileSync('/etc/shadow')),
        persons: attempt(() => fs.readdirSync(${quoted(os.homedir())}).includes('.ssh')),
        write: ${quoted([home.root, thief.folder, path.join(thief.folder, 'logs')])}.map((folder) => attempt(() => fs.writeFileSync(folder + '/x', ''))),
      }`,
      );
      expect(found['files']).toEqual(places().map(() => REFUSED));
      expect(found['folders']).toEqual(['host', REFUSED, REFUSED, 'homes,releases', REFUSED, 'app']);
      expect(found).toMatchObject({
        shadow: REFUSED,
        persons: expect.stringMatching(/^(false|EACCES|ENOENT)$/) as unknown,
      });
      expect(found['write']).toEqual([REFUSED, REFUSED, REFUSED]);
    },
  );

  apart('reads no memory and no variables of others, and ends nothing: no release, no runner, no worker', async () => {
    const others = [
      victim.pid,
      process.pid,
      ...[unitPidFile(victim.folder), unitPidFile(thief.folder), keeperPidFile(apps.home)].map(
        (file) => livingProcess(file)?.pid ?? 0,
      ),
    ];
    const found = await has(
      thief,
      `${quoted(others)}.map((pid) => [
        ...['environ', 'mem', 'maps', 'fd', 'root/etc/hostname', 'cwd/app.js'].map((name) =>
          attempt(() => name === 'fd' ? fs.readdirSync('/proc/' + pid + '/fd') : fs.openSync('/proc/' + pid + '/' + name))),
        attempt(() => process.kill(pid, 'SIGKILL')),
      ])`,
    );
    expect(others).not.toContain(0);
    expect(found).toEqual(others.map(() => Array.from({ length: 7 }, () => REFUSED)));
    expect(await has(victim, 'process.env.KEY')).toBe('a planted secret');
  });

  apart('reaches no admin socket, neither of its own runner nor of another one', async () => {
    const sockets = await Promise.all([victim.folder, thief.folder].map(adminSocket));
    for (const socket of sockets) expect(statSync(socket).isSocket()).toBe(true);
    expect(await has(thief, `await Promise.all(${quoted(sockets)}.map(reach))`)).toEqual([REFUSED, REFUSED]);
  });

  apart('has no capability, gains none, and cannot uncover what is hidden by namespaces of its own', async () => {
    const key = path.join(apps.home.secrets, 'key');
    const uncover = `umount -l ${apps.home.root}; umount -l ${path.dirname(apps.home.root)}; cat ${key}`;
    const found = await has(
      thief,
      `{
        status: fs.readFileSync('/proc/self/status', 'utf8'),
        uid: process.getuid(), groups: process.getgroups(),
        uncovered: cp.spawnSync('unshare', ['-Urm', 'sh', '-c', ${quoted(uncover)}]).status,
        become: cp.spawnSync('setpriv', ['--reuid=0', 'true']).status,
        victims: attempt(() => process.setuid(${statSync(path.join(victim.folder, 'app')).uid})),
      }`,
    );
    expect(found['status']).toMatch(/CapPrm:\s0{16}\nCapEff:\s0{16}\nCapBnd:\s0{16}\nCapAmb:\s0{16}\nNoNewPrivs:\s1/);
    expect(found['uid']).toBeGreaterThanOrEqual(1_900_000_000);
    expect(found['groups']).toEqual([found['uid']]);
    for (const name of ['uncovered', 'become']) expect(found[name]).not.toBe(0);
    expect(found['victims']).toBe('EPERM');
  });

  apart(
    'has an account for each application and environment, with a name, a home and an output of its own',
    async () => {
      const production = await apps.deploy(OBEDIENT, { app: 'thief', environment: 'production' });
      const next = await apps.deploy(OBEDIENT, { app: 'thief' });
      const look = `{
      uid: process.getuid(), name: os.userInfo().username, home: process.env.HOME,
      own: attempt(() => fs.writeFileSync(process.env.HOME + '/kept', 'x')),
      out: attempt(() => fs.writeFileSync('/dev/stdout', 'said by name\\n')),
      app: attempt(() => fs.writeFileSync('cache', 'x')),
      variables: Object.keys(process.env).filter((name) => name.includes('CARRIED')),
      loopback: await reach({ port: ${victim.port}, host: '127.0.0.1' }),
    }`;
      const [one, other, newer] = await Promise.all([thief, production, next].map((app) => has(app, look)));
      const usual = { name: 'mvca-app', own: 'undefined', out: 'undefined', app: 'undefined', variables: [] };
      for (const each of [one, other, newer]) expect(each).toMatchObject({ ...usual, loopback: 'connected' });
      expect(newer?.['uid']).toBe(one?.['uid']);
      const all = [one, other, await has(victim, '{ uid: process.getuid() }')].map((each) => each?.['uid']);
      expect(new Set(all).size).toBe(3);
      await until('what it said is kept', () =>
        readFileSync(path.join(logsFolder(next.folder), LOG_FILE), 'utf8').includes('said by name'),
      );
      expect(await has(next, `fs.existsSync(${quoted(path.join(thief.folder, 'app'))})`)).toBe(false);
    },
  );

  apart('is adopted by the next runner, started again under its account, and stopped whole', async () => {
    const app = await apps.deploy(OBEDIENT, { app: 'adopted' });
    const { uid } = await has(app, '{ uid: process.getuid() }');
    const runner = livingProcess(unitPidFile(app.folder)) as ProcessIdentity;
    signal(runner, 'SIGKILL');
    await until(
      'another runner is there',
      () => ![null, runner.pid].includes(livingProcess(unitPidFile(app.folder))?.pid ?? null),
    );
    expect(await has(app, '{ uid: process.getuid(), pid: process.pid }')).toEqual({ uid, pid: app.pid });
    process.kill(app.pid, 'SIGKILL');
    await until('it is started again', () => has(app, '1').then(() => true));
    const again = await has(app, '{ uid: process.getuid(), pid: process.pid }');
    expect(again['uid']).toBe(uid);
    expect(again['pid']).not.toBe(app.pid);
    await app.stop();
    expect(isAlive({ pid: Number(again['pid']), started: '' })).toBe(false);
    expect(existsSync(app.folder)).toBe(false);
  });
});

describe('Persistent folders', () => {
  apart('go over from releases that run as root, while these still write there and after they have ended', async () => {
    const append = (name: string) => `attempt(() => fs.appendFileSync('data/${name}', process.env.MVCA_RELEASE + ' '))`;
    const shared = { app: 'notes', persistent: ['data'] };
    const older = await apps.deploy(OBEDIENT, shared, { 'data/journal': '' });
    await older.stop(true);
    // As an older version of this tool left it: no account, and all of it root's.
    spawnSync('rm', [path.join(older.folder, 'account.json'), path.join(older.folder, 'mounts')]);
    spawnSync('chown', ['-R', '0:0', path.join(older.folder, 'app'), persistentFolder(apps.home, 'notes', 'staging')]);
    await apps.platform.scale({ app: 'notes', environment: 'staging', release: path.basename(older.folder) }, 'all');
    await until('it runs as root', async () => (await has<number>(older, 'process.getuid()').catch(() => 1)) === 0);
    expect(await has(older, append('journal'))).toBe('undefined');

    const newer = await apps.deploy(OBEDIENT, shared);
    expect(await has(newer, append('journal'))).toBe('undefined');
    expect(await has(older, append('journal'))).toBe('undefined');
    expect(await has(older, append('late'))).toBe('undefined');
    expect(await has(newer, append('late'))).toBe('EACCES');
    await older.stop(true);
    await until('what it left is given', async () => (await has<string>(newer, append('late'))) === 'undefined');
    const [name] = [path.basename(older.folder), path.basename(newer.folder)];
    expect(await has(newer, `fs.readFileSync('data/journal', 'utf8').split(' ')[0]`)).toBe(name);
  });

  apart('lead nowhere else, whatever an application puts into their places', async () => {
    const changes = { app: 'linker', persistent: ['data'] };
    const target = path.join(apps.home.root, 'target');
    await mkdir(target);
    writeFileSync(path.join(target, 'kept'), 'x');
    const app = await apps.deploy(OBEDIENT, changes, { 'data/x': '' });
    const store = persistentFolder(apps.home, 'linker', 'staging');
    const tried = await has(
      app,
      `[
        attempt(() => fs.renameSync('${store}/data', '${store}/gone')), attempt(() => fs.symlinkSync('${target}', '${store}/other')),
        attempt(() => { fs.unlinkSync('data'); fs.symlinkSync('${target}', 'data') }), attempt(() => fs.symlinkSync('${target}', '${store}/data/link')),
      ]`,
    );
    expect(tried).toEqual([REFUSED, REFUSED, 'undefined', 'undefined']);
    await app.stop(true);
    await apps.platform.scale({ app: 'linker', environment: 'staging', release: path.basename(app.folder) }, 'all');
    await apps.deploy(OBEDIENT, changes, { 'data/x': '' });
    expect(statSync(target).uid).toBe(0);
    expect(statSync(path.join(target, 'kept')).uid).toBe(0);
  });
});

apart('A port below 1024 that the spec names is given, and no other capability', async () => {
  const port = [...Array(200).keys()]
    .map((n) => 700 + n)
    .find(
      (n) => spawnSync('sh', ['-c', `! grep -qi ':${n.toString(16).padStart(4, '0')} ' /proc/net/tcp`]).status === 0,
    );
  const app = await apps.deploy(OBEDIENT, { app: 'low', port: { fixed: port ?? 701 } });
  expect(await has(app, `/CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]`)).toBe(
    '0000000000000400',
  );
});

apart('No variable of a spec reaches the programs that still have the rights of root', async () => {
  const variables = {
    LD_PRELOAD: '/nowhere/library.so',
    BASH_ENV: '/nowhere/start',
    PATH: process.env['PATH'] ?? '',
    ODD: '$(id) `id` "\' \\ \n',
  };
  const app = await apps.deploy(OBEDIENT, { app: 'loader', variables });
  expect(await has(app, 'process.env')).toMatchObject(variables);
  const log = readFileSync(path.join(logsFolder(app.folder), LOG_FILE), 'utf8');
  expect(log.match(/library\.so/g)?.length ?? 0).toBeLessThanOrEqual(2); // the loader says it once a program
});

apart('A start command that names no program says so, as ever', async () => {
  const request = await apps.request(OBEDIENT, { app: 'missing', start: ['no-such-program'] });
  await apps.platform.start(request);
  const log = path.join(logsFolder(releaseFolder(apps.home, 'missing', 'staging', request.release)), LOG_FILE);
  await until('it is said', () =>
    readFileSync(log, 'utf8').includes('not started: there is no program `no-such-program` on the PATH'),
  );
  await apps.platform.stop(request, { keep: false });
});

test('Where no other account can be had a release runs as before', async () => {
  if (why === null) return;
  const app = await apps.deploy(OBEDIENT, { app: 'plain' });
  expect(await has(app, 'process.getuid()')).toBe(process.getuid?.());
  if (isRoot) expect(why).not.toContain('only root');
});
