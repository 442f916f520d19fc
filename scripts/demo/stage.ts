/** Where the demo plays: one temporary folder with the project, a home of its own, and two free ports. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { applyVersion, copyApp, editSpec, packageRoot } from '../example-apps';
import type { Person } from './terminal';

export const APP = 'shop';
/** Short, so that the whole demo takes minutes; the example's own spec has the watches of production. */
const STAGING_WATCH = '5s';
const PRODUCTION_WATCH = '10s';

export interface Stage {
  readonly root: string;
  readonly project: string;
  readonly home: string;
  readonly stagingPort: number;
  readonly productionPort: number;
  readonly productionUrl: string;
}

/** Makes the folder and copies the first version of the shop into it. */
export async function setStage(): Promise<Stage> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'mvca-demo-'));
  const [stagingPort, productionPort] = await freePorts();
  const productionUrl = `http://127.0.0.1:${productionPort}`;
  const project = path.join(root, APP);
  const stage = { root, project, home: path.join(root, 'home'), stagingPort, productionPort, productionUrl };
  await copyApp(APP, project);
  await fitSpec(stage);
  return stage;
}

/** Writes what a developer changed for `version` into the project. */
export async function writeVersion(stage: Stage, version: string): Promise<void> {
  await applyVersion(APP, stage.project, version);
  await fitSpec(stage);
}

export const clearStage = (stage: Stage): Promise<void> => rm(stage.root, { recursive: true, force: true });

/** The engine of the demo is its own, and git knows who commits; neither depends on the settings of this machine. */
export function environmentOf(stage: Stage, person: Person, from: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const isForeign = (name: string) => /^(TEMPORAL|MVCA|GIT)_|^npm_(package|lifecycle)_/.test(name);
  const identity = { NAME: person, EMAIL: `${person}@example.com` };
  return {
    ...Object.fromEntries(Object.entries(from).filter(([name]) => !isForeign(name))),
    MVCA_HOME: stage.home,
    MVCA_USER: person,
    GIT_CONFIG_GLOBAL: os.devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: identity.NAME,
    GIT_AUTHOR_EMAIL: identity.EMAIL,
    GIT_COMMITTER_NAME: identity.NAME,
    GIT_COMMITTER_EMAIL: identity.EMAIL,
  };
}

/** What `npx mvca` stands for here. */
export const mvca = (...args: readonly string[]) => ({
  typed: ['npx', 'mvca', ...args],
  argv: [process.execPath, path.join(packageRoot(), 'dist', 'client', 'cli', 'main.js'), ...args],
});

const fitSpec = (stage: Stage): Promise<void> =>
  editSpec(path.join(stage.project, 'deployment.yaml'), {
    'environments.staging.traffic.listen': `127.0.0.1:${stage.stagingPort}`,
    'environments.staging.watch.for': STAGING_WATCH,
    // It takes as long again as the rest of staging.
    'environments.staging.rehearse': false,
    'environments.production.traffic.listen': `127.0.0.1:${stage.productionPort}`,
    'environments.production.watch.for': PRODUCTION_WATCH,
    'environments.production.approval.from': ['ana', 'bo'],
  });

/** Both at once, so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject).listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number];
}
