/**
 * The router's process: `node dist/host/router/main.js <directory> [<descriptor> <host>:<port>]`, started by the keeper, and by nobody
 * else. The descriptor is that of a socket which listens there already and outlives the router.
 */
import { closeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Address } from '../../domain/words';
import { serveAdmin } from '../../system/admin';
import { adminSocket } from '../../system/home';
import { note, traceOf, wordsOf } from '../../system/note';
import { enterUnit } from '../../system/unit-process';
import { unitPidFile } from '../../system/units';
import { watchHome } from '../keeper/home-gone';
import { watchKeeper } from '../keeper/revive';
import { answerAdmin } from './admin';
import { Router } from './router';

/** So many failures of its own within a minute are no longer those of single requests: it starts anew. */
const FAILURES_A_MINUTE = 100;

async function main(): Promise<void> {
  const argument = process.argv[2];
  if (argument === undefined) throw new Error('usage: main.js <directory of the router>');
  const directory = path.resolve(argument);
  if ((await enterUnit(directory, 'router')) === null) return;
  const router = await Router.open(directory);
  surviveOwnFailures();
  await router.listen(inheritedFor(router.store.table.listen));
  const admin = await serveAdmin(await adminSocket(directory), (request) => answerAdmin(router, request));
  watchKeeper(directory);
  watchHome(() => void router.close().then(() => process.exit(0)));
  process.once('SIGTERM', () => {
    void router.close().then(async () => {
      admin.close();
      await rm(unitPidFile(directory), { force: true });
      process.exit(0);
    });
  });
}

/** The socket that was handed on, unless the table has got another address since then. */
function inheritedFor({ host, port }: Address): number | undefined {
  const [descriptor, address] = process.argv.slice(3);
  if (descriptor === undefined) return undefined;
  if (address === `${host}:${port}`) return Number(descriptor);
  closeSync(Number(descriptor));
  return undefined;
}

/** One connection's failure must not end all others. */
function surviveOwnFailures(): void {
  let failures = 0;
  setInterval(() => (failures = 0), 60_000).unref();
  const survive = (error: unknown): void => {
    failures += 1;
    note(`survived: ${traceOf(error)}`);
    if (failures >= FAILURES_A_MINUTE) process.exit(1);
  };
  process.on('uncaughtException', survive);
  process.on('unhandledRejection', survive);
  process.stderr.on('error', () => undefined); // a log that cannot be written must not stop traffic
}

main().catch((error: unknown) => {
  note(wordsOf(error));
  process.exit(1);
});
