/** Temporal as a part: kept ports, state in a file. */
import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalAddress } from '../engine';
import { logFile, temporalFile } from '../places';
import { choosePorts, readPorts } from '../ports';
import { processesOf } from '../processes';
import { findTemporalCli } from '../temporal-cli';
import type { TemporalCli } from '../temporal-cli';
import { claimTemporalFile, servesTemporal, temporalAddress, temporalArgs } from '../temporal-server';
import { partEnvironment } from './context';
import type { Context } from './context';
import { adopt, end, launch } from './launch';
import type { Running } from './launch';
import type { PartDefinition } from './part';

const START_MS = 60_000;
const STOP_MS = 10_000;
/** One that runs already has so long to show that it serves. */
export const ADOPTION_MS = 5_000;

/** @param onMoved called when it serves at another address than before: who was told the old one must be told anew. */
export function temporalPart(context: Context, onMoved: () => void): PartDefinition {
  const { home } = context;
  const stop = (identity: Running['identity']) => end(identity, 'SIGTERM', STOP_MS);
  const settle = (address: TemporalAddress) => {
    const moved = context.temporal !== null && context.temporal.address !== address.address;
    context.temporal = address;
    if (moved) onMoved();
  };
  return {
    name: 'temporal',
    startMs: START_MS,
    stop,
    address: () => context.temporal?.address ?? null,
    isReady: async () => context.temporal !== null && servesTemporal(context.temporal),
    adopt: async () => {
      const [found, ...others] = (await processesOf(home)).temporal;
      const ports = await readPorts(home);
      if (found === undefined) return null;
      if (others.length === 0 && ports !== null && (await serves(temporalAddress(ports)))) {
        context.log(`temporal: found running (pid ${found.pid})`);
        settle(temporalAddress(ports));
        return adopt(found);
      }
      for (const identity of [found, ...others]) await stop(identity);
      return null;
    },
    start: async () => {
      const cli = await usableCli(context);
      await claimTemporalFile(home, cli);
      const { ports, notes } = await choosePorts(home);
      for (const note of notes) {
        context.log(note);
        context.notes.push(note);
      }
      settle(temporalAddress(ports));
      return launch({
        program: cli.path,
        args: temporalArgs(temporalFile(home), ports),
        env: partEnvironment(),
        log: logFile(home, 'temporal'),
      });
    },
  };
}

async function serves(address: TemporalAddress): Promise<boolean> {
  for (const deadline = performance.now() + ADOPTION_MS; performance.now() < deadline; await sleep(100)) {
    if (await servesTemporal(address)) return true;
  }
  return false;
}

/** A cache may have been emptied since `up` found the program. */
async function usableCli({ home, request, log }: Context): Promise<TemporalCli> {
  const there = await access(request.cli.path).then(
    () => true,
    () => false,
  );
  return there ? request.cli : findTemporalCli(home, log, { environment: { ...process.env, ...request.environment } });
}
