/** The worker as a part: begun with the addresses of the two others, and told the caller's variables through a pipe. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { noteCrash } from '../../system/crashes';
import { readJson } from '../../system/durable-file';
import { programFile } from '../../system/keeper';
import { profileFile } from '../access/profile';
import { EngineRefusal } from '../engine';
import { logFile, workerReadyFile } from '../places';
import { processesOf, SUPERVISED } from '../processes';
import { partEnvironment } from './context';
import type { Context } from './context';
import { end, launch } from './launch';
import type { Running } from './launch';
import type { PartDefinition } from './part';

const START_MS = 90_000;
/** It asks for longer leases, and lets activities come to an end. */
export const WORKER_STOP_MS = 20_000;

export function workerPart(context: Context): PartDefinition {
  const { home, request, database } = context;
  const ready = workerReadyFile(home);
  const stop = (identity: Running['identity']) => end(identity, 'SIGTERM', WORKER_STOP_MS);
  return {
    name: 'worker',
    startMs: START_MS,
    stop,
    address: () => null,
    isReady: async ({ pid }) => (await readJson<{ pid: number }>(ready).catch(() => null))?.pid === pid,
    // One of an earlier supervisor may be of an older build, and has the variables of an earlier `up`.
    adopt: async () => {
      await Promise.all((await processesOf(home)).worker.map(stop));
      return null;
    },
    start: async () => {
      const { temporal } = context;
      if (temporal === null) throw new EngineRefusal('the worker cannot be started before Temporal');
      await rm(ready, { force: true });
      const running = await launch({
        program: process.execPath,
        argv0: 'mvca-worker',
        args: [
          '--require',
          programFile('embedded/supervisor/receive-environment.js'),
          path.resolve(request.workerMain),
        ],
        env: {
          ...partEnvironment(),
          MVCA_HOME: home.root,
          [SUPERVISED]: home.root,
          TEMPORAL_ADDRESS: temporal.address,
          TEMPORAL_NAMESPACE: temporal.namespace,
          // With the keys; a profile of the user's is for another cluster.
          TEMPORAL_CONFIG_FILE: profileFile(home),
          MVCA_DATABASE: JSON.stringify(database),
        },
        log: logFile(home, 'worker'),
        third: { text: JSON.stringify(request.environment) },
      });
      void running.ended.then((how) => noteCrash(home, running.identity, how));
      return running;
    },
  };
}
