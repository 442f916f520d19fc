/** A home of its own for a test, with releases of small scripts in it, and nothing left of it afterwards. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseDefinition, RunnerState } from '../../domain/host/runner';
import type { Unit } from '../../domain/host/unit';
import { askAdmin } from '../../system/admin';
import { writeJson } from '../../system/durable-file';
import { adminSocket, homeAt, releaseFolder, type Home } from '../../system/home';
import { keeperPidFile, livingProcess, programFile } from '../../system/keeper';
import { isAlive, type ProcessIdentity } from '../../system/process-identity';
import { seal } from '../../system/sealed';
import { stopRelease } from '../../system/stop-release';
import { ensureUnit, listUnits, removeUnit, unitPidFile } from '../../system/units';

export interface Place {
  readonly home: Home;
  /** Writes a release whose application is one script, without starting it. */
  release(name: string, script: string, changes?: Partial<ReleaseDefinition>, secrets?: Secrets): Promise<TestRelease>;
  /** Ends everything that runs here and removes the folder. */
  remove(): Promise<void>;
}

type Secrets = Readonly<Record<string, string>>;

export interface TestRelease {
  readonly folder: string;
  readonly unit: Unit;
  start(): Promise<void>;
  state(): Promise<RunnerState>;
  runner(): ProcessIdentity | null;
  stop(): Promise<void>;
}

export async function makePlace(): Promise<Place> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'mvca-host-'));
  const home = homeAt(root);
  const releases: TestRelease[] = [];
  return {
    home,
    async release(name, script, changes = {}, secrets = {}) {
      const release = await writeRelease(home, { ...definitionOf(name), ...changes }, { script, secrets });
      releases.push(release);
      return release;
    },
    async remove() {
      const keeper = livingProcess(keeperPidFile(home));
      for (const release of releases) await stopRelease(home, release.folder, 200);
      for (const unit of await listUnits(home, () => undefined)) await removeUnit(home, unit.name);
      if (keeper !== null) await until('the keeper has ended', () => !isAlive(keeper));
      await until('no keeper runs', () => livingProcess(keeperPidFile(home)) === null);
      await rm(root, { recursive: true, force: true });
    },
  };
}

export const definitionOf = (release: string): ReleaseDefinition => ({
  format: 1,
  app: 'shop',
  environment: 'staging',
  release,
  version: '1.0.0',
  artifact: `sha256:${'0'.repeat(64)}`,
  start: ['node', 'app.js'],
  directory: '.',
  instances: 1,
  port: { variable: 'PORT' },
  variables: {},
  persistent: [],
  graceMs: 5_000,
  logBytes: 4_000_000,
  createdAt: 1,
});

async function writeRelease(
  home: Home,
  definition: ReleaseDefinition,
  { script, secrets }: { script: string; secrets: Secrets },
): Promise<TestRelease> {
  const { app, environment, release } = definition;
  const folder = releaseFolder(home, app, environment, release);
  await mkdir(path.join(folder, 'app'), { recursive: true });
  await writeFile(path.join(folder, 'app', 'app.js'), script);
  await writeJson(path.join(folder, 'release.json'), definition);
  await seal(home, path.join(folder, 'secrets.sealed'), `release/${app}/${environment}/${release}`, secrets);
  const unit: Unit = {
    format: 1,
    kind: 'runner',
    name: `runner.${app}.${environment}.${release}`,
    directory: folder,
    main: programFile('host/runner/main.js'),
  };
  const state = async () => askAdmin<RunnerState>(await adminSocket(folder), 'GET', '/state');
  return {
    folder,
    unit,
    async start() {
      await ensureUnit(home, unit);
      await until('the runner answers', state);
    },
    state,
    runner: () => livingProcess(unitPidFile(folder)),
    stop: () => stopRelease(home, folder, definition.graceMs),
  };
}

/** Polls until it is so; generous, because machines that run tests are busy. */
export async function until(what: string, isSo: () => unknown, withinMs = 90_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await Promise.resolve(isSo()).catch(() => false);
    if (found) return;
    if (Date.now() > deadline) throw new Error(`it never came that ${what}`);
    await sleep(25);
  }
}

export const logText = (release: TestRelease): Promise<string> =>
  readFile(path.join(release.folder, 'logs', 'release.ndjson'), 'utf8').catch(() => '');
