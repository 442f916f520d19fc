/** PostgreSQL as a part; what a killed one left behind is cleared before it is started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from '../../system/home';
import { ownAccount } from '../account';
import { logFile, postgresFolder } from '../places';
import { clearRemains, openFolder, preparePostgres, servesDatabase } from '../postgres';
import { postgresBinaries } from '../postgres-binaries';
import { processesOf } from '../processes';
import type { Context } from './context';
import { adopt, end, launch } from './launch';
import type { Running } from './launch';
import type { PartDefinition } from './part';
import { ADOPTION_MS } from './temporal-part';

/** Recovery after a kill replays what was written since the last checkpoint. */
const START_MS = 120_000;
/** A fast shutdown (SIGINT) ends sessions and writes a checkpoint. */
const STOP_MS = 20_000;
/** Backends see by themselves that their postmaster is gone, unless one is busy with a long statement. */
const ORPHAN_MS = 3_000;

export function postgresPart(context: Context): PartDefinition {
  const { home, database } = context;
  const stop = (identity: Running['identity']) => end(identity, 'SIGINT', STOP_MS);
  return {
    name: 'postgres',
    startMs: START_MS,
    stop,
    address: () => `${database.host}/.s.PGSQL.${database.port}`,
    isReady: () => servesDatabase(database),
    adopt: async () => {
      const [found, ...others] = (await processesOf(home)).postgres;
      if (found === undefined) return null;
      for (const deadline = performance.now() + ADOPTION_MS; performance.now() < deadline; await sleep(100)) {
        if (!(await servesDatabase(database))) continue;
        context.log(`postgres: found running (pid ${found.pid})`);
        return adopt(found);
      }
      for (const identity of [found, ...others]) await stop(identity);
      return null;
    },
    start: async () => {
      const folder = postgresFolder(home);
      await endOrphans(home);
      await clearRemains(folder);
      const account = await ownAccount(home, folder);
      const command = await preparePostgres(folder, await postgresBinaries(home, account, context.log), account);
      const handle = await openFolder(folder);
      try {
        return await launch({
          ...command,
          env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
          log: logFile(home, 'postgres'),
          third: handle.fd,
        });
      } finally {
        await handle.close();
      }
    },
  };
}

/** Two servers on one data folder would destroy it: nothing of the one before may live when the next one starts. */
export async function endOrphans(home: Home): Promise<void> {
  for (const deadline = performance.now() + ORPHAN_MS; performance.now() < deadline; await sleep(50)) {
    if ((await processesOf(home)).backends.length === 0) return;
  }
  for (const identity of (await processesOf(home)).backends) await end(identity, 'SIGQUIT', ORPHAN_MS);
}
