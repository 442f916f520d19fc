/** Applications started by the engine's own platform, from artifacts of one script each, in a home of their own. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import type { StartRequest } from '../../activities/platforms/port';
import { createProcessPlatform } from '../../activities/platforms/process';
import { homeAt, releaseFolder, type Home } from '../../system/home';
import { keeperPidFile, livingProcess } from '../../system/keeper';
import { definitionOf, until } from '../host/place';

export interface DeployedApp {
  readonly folder: string;
  readonly port: number;
  readonly pid: number;
  stop(keep?: boolean): Promise<void>;
}

export interface DeployedApps {
  readonly home: Home;
  readonly platform: ReturnType<typeof createProcessPlatform>;
  /** The release as it would be started. */
  request(
    script: string,
    changes?: Partial<StartRequest>,
    files?: Readonly<Record<string, string>>,
  ): Promise<StartRequest>;
  /** Answers when it listens. `files` beside the script, which is `app.js`. */
  deploy(
    script: string,
    changes?: Partial<StartRequest>,
    files?: Readonly<Record<string, string>>,
  ): Promise<DeployedApp>;
  remove(): Promise<void>;
}

export async function deployedApps(): Promise<DeployedApps> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'mvca-apps-'));
  const home = homeAt(path.join(root, 'home'));
  const platform = createProcessPlatform(home);
  const stops: (() => Promise<void>)[] = [];
  let count = 0;
  const requestOf: DeployedApps['request'] = async (script, changes = {}, files = {}) => {
    const { format: _format, createdAt: _createdAt, ...parts } = definitionOf(`r${(count += 1)}`);
    const artifactFile = path.join(root, `${parts.release}.tar`);
    const pack = tar.pack();
    for (const [name, content] of Object.entries({ 'app.js': script, ...files })) pack.entry({ name }, content);
    pack.finalize();
    await pipeline(pack as unknown as NodeJS.ReadableStream, createWriteStream(artifactFile));
    return { ...parts, artifactFile, artifactKind: 'tar', secrets: {}, ...changes };
  };
  return {
    home,
    platform,
    request: requestOf,
    async deploy(script, changes, files) {
      const request = await requestOf(script, changes, files);
      const { app, environment, release } = request;
      const state = async () =>
        (await platform.status(app, environment)).find((status) => status.release === release)?.instances[0];
      const stop = (keep = false) => platform.stop(request, { keep });
      stops.push(stop);
      const { instances } = await platform.start(request);
      await until('it listens', async () => (await state())?.state === 'running');
      return {
        folder: releaseFolder(home, app, environment, release),
        port: instances[0]?.port ?? 0,
        pid: (await state())?.pid ?? 0,
        stop,
      };
    },
    async remove() {
      await Promise.all(stops.map((stop) => stop()));
      await until('no keeper runs', () => livingProcess(keeperPidFile(home)) === null);
      await rm(root, { recursive: true, force: true });
    },
  };
}
