import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cleanEnvironment, runCommand } from '../../system/run-command';
import type { CommandResult } from '../../system/run-command';
import { copyFixture } from './fixture-apps';
import type { FixtureApp } from './fixture-apps';
import { startApp, untilStatus } from './started-app';
import type { StartedApp } from './started-app';

let root: string;
const running: StartedApp[] = [];
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'mvca-fixtures-'));
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function folderOf(app: FixtureApp): Promise<string> {
  const folder = path.join(root, app);
  await copyFixture(app, folder);
  return folder;
}

async function start(app: FixtureApp, variables: Record<string, string> = {}): Promise<StartedApp> {
  const started = await startApp({ cwd: await folderOf(app), command: [process.execPath, 'server.js'], variables });
  running.push(started);
  return started;
}

async function run(
  app: FixtureApp,
  script: string,
  options: { timeoutMs?: number; env?: Record<string, string> } = {},
) {
  const lines: string[] = [];
  const result: CommandResult = await runCommand({
    argv: ['npm', 'run', script],
    cwd: await folderOf(app),
    env: { ...cleanEnvironment(), ...options.env },
    timeoutMs: options.timeoutMs ?? 30_000,
    onLine: (line) => lines.push(line),
  });
  return { ...result, text: lines.join('\n') };
}

const statusOf = async (app: StartedApp, page: string) => {
  const response = await fetch(app.url + page, { redirect: 'manual', signal: AbortSignal.timeout(1_000) });
  await response.arrayBuffer();
  return response.status;
};

const until = async (isSo: () => boolean) => {
  const deadline = Date.now() + 20_000;
  while (!isSo() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isSo()).toBe(true);
};

test('one behaves well, and each of the others is named where tests find it', async () => {
  await untilStatus(await start('well-behaved'), '/healthz', 200);
  const folders = await readdir(path.join(__dirname, '..', 'fixtures', 'apps'), { withFileTypes: true });
  expect(folders.filter((entry) => entry.isDirectory())).toHaveLength(16);
});

test('two run and are not there: one never listens, one listens elsewhere', async () => {
  const apps = [await start('never-listens'), await start('listens-elsewhere')];
  await until(() => apps.every((app) => app.output() !== ''));
  for (const app of apps) await expect(statusOf(app, '/healthz')).rejects.toThrow('fetch failed');
});

test('one exits at once and says why', async () => {
  const app = await start('exits-at-once');
  expect(await app.ended).toEqual({ code: 1, signal: null });
  expect(app.output()).toContain('Error: UPSTREAM_URL is not set');
});

test('one takes no notice of SIGTERM', async () => {
  const app = await start('ignores-sigterm');
  await untilStatus(app, '/healthz', 200);
  app.child.kill('SIGTERM');
  await until(() => app.output().includes('not taken notice of'));
  expect(await statusOf(app, '/healthz')).toBe(200);
});

test('one answers health with a redirect', async () => {
  const app = await start('health-redirects');
  await untilStatus(app, '/healthz', 302);
});

test('two are green and do not work: one answers 500, one never answers', async () => {
  const [errs, hangs] = [await start('green-but-500'), await start('hangs')];
  for (const app of [errs, hangs]) await untilStatus(app, '/healthz', 200);
  expect(await statusOf(errs, '/')).toBe(500);
  await expect(statusOf(hangs, '/')).rejects.toThrow('timeout');
  expect(errs.output()).toContain('Error: cannot render /');
});

test('one answers after 1.5 seconds', async () => {
  const app = await start('slow-answers');
  await untilStatus(app, '/healthz', 200);
  const begun = performance.now();
  await (await fetch(app.url)).text();
  expect(performance.now() - begun).toBeGreaterThan(1_450);
});

test('one uses more memory all the time', async () => {
  const app = await start('leaks-memory');
  await untilStatus(app, '/healthz', 200);
  await until(() => app.child.exitCode !== null || residentBytes(app) > 70_000_000);
});

test('one prints its secret in every form', async () => {
  const key = 'k/e y+1234567';
  const app = await start('prints-secret', { API_KEY: key });
  await until(() => app.output().includes(`key in parts: ${key}`));
  expect(app.output()).toContain(Buffer.from(key).toString('base64'));
  expect(app.output()).toContain(encodeURIComponent(key));
});

test('one ends with an error at its 20th request', async () => {
  const app = await start('crashes-after-requests');
  await untilStatus(app, '/healthz', 200);
  for (let request = 1; request < 20; request += 1) expect(await statusOf(app, '/')).toBe(200);
  await expect(statusOf(app, '/')).rejects.toThrow();
  expect((await app.ended).code).toBe(1);
  expect(app.output()).toContain('cannot read the session of request 20');
});

test('three builds fail, never end, or fill the disk', async () => {
  const failed = await run('build-fails', 'build');
  expect(failed).toMatchObject({ end: 'exited', code: 2 });
  expect(failed.text).toContain('error TS2322');
  expect(await run('build-never-ends', 'build', { timeoutMs: 1_500 })).toMatchObject({ end: 'timed-out' });
  await run('build-fills-disk', 'build', { env: { HUGE_BYTES: '9000001' } });
  expect((await stat(path.join(root, 'build-fills-disk', 'huge.bin'))).size).toBe(9_000_001);
});

test('one has a test run without a test', async () => {
  const result = await run('no-tests', 'test');
  expect(result).toMatchObject({ end: 'exited', code: 0 });
  expect(result.text).toContain('tests 0');
});

function residentBytes({ child }: StartedApp): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024;
}
