/** Stops the embedded stack. What carries traffic goes on, unless all is asked for. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from '../system/home';
import { withLock } from '../system/lock';
import type { Progress } from './engine';
import { homeFormat } from './home-format';
import { changeLock } from './places';
import { processesOf } from './processes';
import { isSupervised, stopSupervisor } from './state';
import { end } from './supervisor/launch';
import { endOrphans } from './supervisor/postgres-part';
import { stopUnits } from './stop-units';

const WAIT_MS = 5 * 60_000;
const GRACE_MS = 20_000;

export interface DownOptions {
  /** Routers and releases too: the applications stop serving. */
  readonly all: boolean;
  readonly log: Progress;
}

/** What was stopped; all empty when nothing ran. */
export interface Stopped {
  readonly engine: boolean;
  readonly units: readonly string[];
  /** What goes on all the same, in words, each with its pid or the reason. */
  readonly left: readonly string[];
}

/**
 * Stops the worker (it gets 20 s), then Temporal, then PostgreSQL, and with `all` routers and releases too. Whatever an earlier,
 * killed supervisor left running is found and stopped as well. Repeatable; the state stays.
 */
export async function down(home: Home, options: DownOptions): Promise<Stopped> {
  await homeFormat(home); // throws for what is not a home of ours
  if (!existsSync(home.root)) return { engine: false, units: [], left: [] }; // nor is one made, to hold a lock in it
  return withLock(changeLock(home), WAIT_MS, async () => {
    const engine = await stopEngine(home, options.log);
    return { engine, ...(options.all ? await stopUnits(home, options.log) : { units: [], left: [] }) };
  });
}

async function stopEngine(home: Home, log: Progress): Promise<boolean> {
  const before = await processesOf(home);
  const ran = Object.values(before).some((found) => found.length > 0);
  if (ran) log('stopping the worker, Temporal and PostgreSQL…');
  await stopSupervisor(home);
  for (const deadline = performance.now() + GRACE_MS; isSupervised(home) && performance.now() < deadline;)
    await sleep(25);
  const left = await processesOf(home);
  await Promise.all(left.supervisor.map((identity) => end(identity, 'SIGTERM', GRACE_MS)));
  for (const identity of left.worker) await end(identity, 'SIGTERM', GRACE_MS);
  for (const identity of left.temporal) await end(identity, 'SIGTERM', GRACE_MS);
  for (const identity of left.postgres) await end(identity, 'SIGINT', GRACE_MS);
  await endOrphans(home);
  return ran;
}
