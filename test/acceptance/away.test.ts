/** What a deployment leans on goes away and comes back: it waits or goes back, says why, and loses nothing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRecords } from '../../activities/records';
import { verifyAudit } from '../../activities/records/audit/verify';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { startCounting } from '../../scripts/counting-client';
import { cuttable, type Cuttable } from '../support/cuttable';
import { createBench, request, setSecret, shopFolder, type Bench } from '../support/deploying';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { answers, audited, deployed, kept, shopNamed } from '../support/scenario';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

jest.setTimeout(480_000);
afterAll(removeScratch);

const portOf = (spec: Spec): number => spec.environments.at(-1)?.traffic.listen.port ?? 0;

const clientOf = (spec: Spec) =>
  startCounting({
    url: `http://127.0.0.1:${portOf(spec)}`,
    perSecond: 50,
    mix: [{ method: 'GET', path: '/', share: 1 }],
  });

describe('The records', () => {
  let bench: Bench;
  let way: Cuttable;
  beforeAll(async () => {
    bench = await createBench({
      records: async (address) => {
        way = await cuttable({ path: path.join(address.host, `.s.PGSQL.${address.port}`) });
        return { ...address, host: way.host, port: way.port };
      },
    });
  });
  afterAll(async () => {
    await way.mend();
    await bench.stop();
    await way.cut();
  });

  test('are away while a deployment runs: it waits for them, and every step of it is in the audit log', async () => {
    const spec = await shopNamed('patient');
    await deployed(bench, spec, '1.0.0');
    const client = clientOf(spec);
    bench.onActivity = async (name, environment) => {
      if (name === 'smokeRelease' && environment === 'staging') await way.cut();
    };
    const running = await bench.start(request(spec, { version: '2.0.0' }));
    // Nobody can say whether production is frozen, so it is not begun.
    await running.until(({ waitingFor }) => waitingFor?.kind === 'freeze');
    await sleep(3_000);
    bench.onActivity = null;
    expect(await running.status()).toMatchObject({ phase: 'staging', step: 'freeze', outcome: null });
    await way.mend();
    expect(await running.result()).toMatchObject({ outcome: 'succeeded', version: '2.0.0' });
    expect(await client.stop()).toMatchObject({ failures: 0 });
    const { steps } = await running.status();
    const written = (await audited(bench, 'patient')).filter(({ action }) => action.startsWith('step.'));
    expect(written.slice(-steps.length).map(({ summary }) => summary)).toEqual(
      steps.map(({ step, summary }) => `${step}: ${summary}`),
    );
    const pool = openRecords(bench.database.address);
    expect(await verifyAudit(pool)).toMatchObject({ ok: true });
    await pool.end();
  });
});

describe("The application's database", () => {
  let bench: Bench;
  let database: TestPostgres;
  let way: Cuttable;
  let spec: Spec;
  beforeAll(async () => {
    [bench, database] = await Promise.all([createBench(), startPostgres('pass')]);
    way = await cuttable({ host: database.host, port: database.port });
    spec = await shopNamed('leaning', leaningOn);
    for (const environment of ['staging', 'production']) {
      const url = `postgres://app:pass@${way.host}:${way.port}/app`;
      await setSecret(bench.home, { app: 'leaning', environment, name: 'DATABASE_URL' }, url);
    }
  });
  afterAll(async () => {
    await bench.stop();
    await way.cut();
    await database.stop();
  });

  test('is away at the gate: nothing is started, and host and port are named', async () => {
    await way.cut();
    const running = await bench.start(request(spec, { directory: leaningFolder() }));
    expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'GateRefused' });
    expect((await running.status()).reason).toContain(`nothing listens on 127.0.0.1:${way.port}; start the database`);
    expect(await kept(bench, 'leaning', 'staging')).toEqual([]);
    await way.mend();
  });

  test('goes away during the watch: the traffic goes back at once, and the reason names what was seen', async () => {
    const directory = leaningFolder();
    const first = await bench.start(request(spec, { directory }));
    expect(await first.result()).toMatchObject({ outcome: 'succeeded' });
    bench.onActivity = async (name, environment) => {
      if (name === 'watchRelease' && environment === 'production') await way.cut();
    };
    const second = await bench.start(request(spec, { directory, version: '2.0.0' }));
    const result = await second.result();
    bench.onActivity = null;
    expect(result).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
    expect(result.reason).toMatch(/health of 127\.0\.0\.1:\d+ .*503.*, limit healthy/);
    await way.mend();
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  });
});

const leaningOn = (ordinary: EnvironmentSpec): EnvironmentSpec => ({
  ...ordinary,
  secrets: { DATABASE_URL: `secret://file/leaning/${ordinary.name}/DATABASE_URL` },
  databases: { main: { kind: 'url', url: '$DATABASE_URL' } },
  watch: { ...ordinary.watch, forMs: 3_000 },
});

/** An application that is healthy while its database takes connections. */
function leaningFolder(): string {
  const folder = scratch();
  writeFiles(folder, {
    '.mvcaignore': '',
    'server.js': `const net = require('node:net');
const { port } = new URL(process.env.DATABASE_URL);
require('node:http').createServer((request, response) => {
  response.setHeader('x-app-version', process.env.APP_VERSION);
  if (request.url !== '/healthz') return response.end('version ' + process.env.APP_VERSION);
  const socket = net.connect(Number(port), '127.0.0.1');
  const end = (status) => { response.statusCode = status; response.end(); socket.destroy(); };
  socket.once('connect', () => end(200)).once('error', () => end(503));
}).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`,
  });
  return folder;
}

/** A build wants 256 MB of room. */
const SIZE_MB = 288;
const disk = smallDisk();
/** An ordinary user cannot make a disk of its own to fill. */
const withDisk = disk === null ? test.skip : test;

describe('The disk', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await createBench({ folder: path.join(disk ?? scratch(), 'home') });
  });
  afterAll(async () => {
    await bench.stop();
    if (disk !== null) execFileSync('umount', ['--lazy', disk]);
  });
  const filler = path.join(disk ?? '', 'filler');
  const fill = () => {
    const { bavail, bsize } = statfsSync(disk ?? '');
    if (bavail > 0) execFileSync('fallocate', ['--length', String(bavail * bsize), `${filler}-${bavail}`]);
  };
  const makeRoom = () => execFileSync('find', [disk ?? '', '-maxdepth', '1', '-name', 'filler-*', '-delete']);

  withDisk('is full before it begins: it is rejected with what to do, and the old release serves', async () => {
    const spec = await shopNamed('full');
    await deployed(bench, spec, '1.0.0');
    fill();
    const running = await bench.start(request(spec, { directory: shopFolder('bad'), version: '2.0.0' }));
    const result = await running.result();
    makeRoom();
    expect(result).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringMatching(/the disk is full\. Next: free space/),
    });
    expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  });

  withDisk(
    'becomes full as a release starts: it is undone, no request fails, and with room all goes well',
    async () => {
      const spec = await shopNamed('full-start');
      await deployed(bench, spec, '1.0.0');
      const client = clientOf(spec);
      bench.onActivity = (name, environment) => {
        if (name === 'startRelease' && environment === 'production') fill();
      };
      const running = await bench.start(request(spec, { version: '2.0.0', directory: shopFolder() }));
      const result = await running.result();
      bench.onActivity = null;
      makeRoom();
      expect(await client.stop()).toMatchObject({ failures: 0 });
      expect(result).toMatchObject({
        outcome: 'rolled-back',
        reason: expect.stringContaining('cannot be unpacked: the disk is full. Next: free space'),
      });
      await deployed(bench, spec, '3.0.0');
      expect(await answers(spec, 'production')).toEqual({ '3.0.0': 10 });
    },
  );
});

/** A file system in memory; null where this account may not mount one. */
function smallDisk(): string | null {
  const folder = path.join(scratch(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    return null;
  }
}
