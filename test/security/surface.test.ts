/** Every port, socket, file and process of a running stack, found by asking the kernel, and what another account of the machine does with them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { processesOf } from '../../scripts/demo/leftovers';
import { homeAt } from '../../system/home';
import { isRoot, NOBODY } from '../support/accounts';
import { copyFixture } from '../support/fixture-apps';
import { mvca } from '../support/mvca';
import { freePort } from '../support/ports';
import { removeScratch, scratch } from '../support/scratch';

jest.setTimeout(600_000);

interface Part {
  readonly pid: number;
  readonly name: string;
}

/** Names by the first word of the command line, or the program that Node runs. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(mvca-\w+)/, '$1'],
  [/embedded\/gate\/main\.js/, 'gate'],
  [/ start-dev /, 'temporal'],
  [/^(?:postgres: |\S*\/postgres )/, 'postgres'],
  [/^node server\.js/, 'instance'],
];

/** Who may listen where others of the machine can knock, and who answers them. */
const LISTENERS: Readonly<Record<string, string>> = {
  'mvca-keeper': 'nobody: it holds the socket for the router',
  'mvca-router': 'users, by the spec',
  instance: 'the router; the application itself says whom else',
  gate: 'whoever has keys of the home, or a login of `mvca ui`',
};

const repository = path.join(__dirname, '../..');
const root = scratch();
const project = path.join(root, 'project');
const home = homeAt(path.join(root, 'home'));
const env = { MVCA_HOME: home.root, MVCA_USER: 'ana' };
let parts: readonly Part[];

beforeAll(async () => {
  // Nothing but the home itself keeps others out.
  chmodSync(root, 0o755);
  await copyFixture('prints-secret', project);
  const spec = [
    'app: seen',
    'environments:',
    '  staging:',
    '    platform: { kind: process, start: node server.js, instances: 2 }',
    `    traffic: { kind: router, listen: "127.0.0.1:${await freePort()}" }`,
    '    secrets: { API_KEY: secret://file/seen/staging/API_KEY }',
    '    health: { path: /, start: 20s }',
    '    watch: { for: 10s }',
  ];
  writeFileSync(path.join(project, 'deployment.yaml'), `${spec.join('\n')}\n`);
  await mvca(['secrets', 'set', 'seen', 'staging', 'API_KEY'], { cwd: project, env, input: 'planted-5b1c\n' });
  const ran = await mvca(['deploy', '--version', '1.0.0'], { cwd: project, env });
  expect(ran).toMatchObject({ code: 0 });
  parts = (await processesOf(home.root)).map(({ pid, command }) => ({ pid, name: nameOf(command) }));
});
afterAll(async () => {
  await mvca(['down', '--all'], { cwd: project, env });
  removeScratch();
});

function nameOf(command: string): string {
  const [pattern, name] = NAMES.find(([known]) => known.test(`${command} `)) ?? [];
  return pattern === undefined ? command : (pattern.exec(`${command} `)?.[0].replace(pattern, name ?? '') ?? command);
}

test('only processes that are known run', () => {
  const expected = ['gate', 'instance', 'mvca-keeper', 'mvca-router', 'mvca-runner', 'mvca-supervisor', 'mvca-worker'];
  expect([...new Set(parts.map(({ name }) => name))].sort()).toEqual([...expected, 'postgres', 'temporal']);
});

/** Rows of one of the kernel's tables, as this network namespace sees them. */
const rowsOf = (table: string): readonly string[][] =>
  readFileSync(`/proc/self/net/${table}`, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));

function descriptorsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((number) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${number}`)];
    } catch {
      return []; // closed between two looks
    }
  });
}

const inodesOf = (pid: number): readonly string[] =>
  descriptorsOf(pid).flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);

test('nothing but the router, its instances and the gate listens where another account can knock, on loopback alone', () => {
  const LISTEN = '0A';
  const rows = ['tcp', 'tcp6'].flatMap(rowsOf).filter((row) => row[3] === LISTEN);
  const listening = parts.flatMap(({ pid, name }) => {
    const inodes = inodesOf(pid);
    return rows.filter((row) => inodes.includes(row[9] ?? '')).map((row) => ({ name, address: row[1] ?? '' }));
  });
  expect([...new Set(listening.map(({ name }) => name))].sort()).toEqual(Object.keys(LISTENERS).sort());
  // 7F.x.x.x, in the byte order of the machine. What an instance listens on is its own affair.
  for (const { address } of listening.filter(({ name }) => name !== 'instance'))
    expect(address).toMatch(/^[0-9A-F]{6}7F:/);
  expect(
    ['udp', 'udp6', 'raw']
      .flatMap(rowsOf)
      .filter((row) => parts.some(({ pid }) => inodesOf(pid).includes(row[9] ?? ''))),
  ).toEqual([]);
});

/** Paths of the Unix sockets on which the stack listens; an abstract one begins with `@`, and is nobody's alone. */
function unixSockets(): readonly string[] {
  const inodes = new Set(parts.flatMap(({ pid }) => inodesOf(pid)));
  const ACCEPTS = '00010000';
  return rowsOf('unix').flatMap((row) => (row[3] === ACCEPTS && inodes.has(row[6] ?? '') ? [row[7] ?? ''] : []));
}

test('every Unix socket that answers is for its owner alone', () => {
  const sockets = unixSockets();
  expect(sockets.length).toBeGreaterThanOrEqual(3); // PostgreSQL, runner, router
  for (const socket of sockets) expect([socket, locked(resolved(socket))]).toEqual([socket, true]);
});

/** PostgreSQL names its socket by a way through its own descriptors. */
function resolved(socket: string): string {
  if (!socket.startsWith('/proc/self/')) return socket;
  const postgres = parts.find(({ name, pid }) => name === 'postgres' && inodesOf(pid).length > 0);
  return socket.replace(/^\/proc\/self\/fd\/\d+/, (link) => readlinkSync(link.replace('self', String(postgres?.pid))));
}

/** Whether it, or a folder on the way to it, is closed to everybody but its owner. */
function locked(file: string): boolean {
  for (let place = file; place !== '/'; place = path.dirname(place)) {
    const { mode } = lstatSync(place);
    if ((mode & 0o077) === 0) return true;
  }
  return false;
}

const isRegular = (file: string): boolean => {
  try {
    return statSync(file).isFile();
  } catch {
    return false; // a pipe, a socket, or gone
  }
};

test('what a part holds open outside of the home is a program, or closed to others', () => {
  const programs = [repository, '/usr/', '/lib', '/proc/', '/dev/', '/sys/', path.dirname(process.execPath)];
  const held = new Set(parts.filter(({ name }) => name !== 'instance').flatMap(({ pid }) => descriptorsOf(pid)));
  const outside = [...held].filter((file) => file.startsWith('/') && isRegular(file) && !locked(file));
  expect(outside.filter((file) => !programs.some((place) => file.startsWith(place)))).toEqual([]);
});

/** Everything below the home, the folder for sockets with long paths included. */
function filesOfHome(): string[] {
  const entries = readdirSync(home.root, { recursive: true, withFileTypes: true });
  return [home.root, ...entries.map((entry) => path.join(entry.parentPath, entry.name))];
}

/** One that owns nothing, and those that daemons of a machine run under: one of them was that of PostgreSQL. */
const OTHERS = [NOBODY, ...['postgres', 'daemon', 'www-data'].flatMap(numberOf)];

function numberOf(name: string): number[] {
  const number = new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(readFileSync('/etc/passwd', 'utf8'))?.[1];
  return number === undefined ? [] : [Number(number)];
}

const asRoot = isRoot ? test : test.skip;
if (!isRoot) test.skip('not tried: only root can run a program as another account', () => undefined);
asRoot.each(OTHERS)('another account (%i) reads, writes, enters, signals and connects to nothing of it', (account) => {
  const asked = {
    files: filesOfHome(),
    sockets: unixSockets().map(resolved),
    processes: parts,
  };
  expect(asked.files.length).toBeGreaterThan(100);
  const got = JSON.parse(
    execFileSync(process.execPath, [require.resolve('../fixtures/embedded/reach.js')], {
      input: JSON.stringify(asked),
      uid: account,
      gid: account,
      cwd: '/',
      env: {},
      maxBuffer: 2 ** 26,
    }).toString(),
  ) as string[];
  expect(got).toEqual([]);
});

test('no command line of the stack holds a secret, and only instances hold one in their environment', () => {
  const holding = (file: string): string[] =>
    parts
      .filter(({ pid }) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes('planted-5b1c'))
      .map(({ name }) => name);
  expect(holding('cmdline')).toEqual([]);
  expect([...new Set(holding('environ'))]).toEqual(['instance']);
});
