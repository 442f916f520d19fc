/** Temporal as a part: behind a gate, on kept ports, with its state in a file. */
import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../system/process-identity';
import type { ProcessIdentity } from '../../system/process-identity';
import { ensureServerKeys } from '../access/keys';
import { writeProfile } from '../access/profile';
import type { GuardedAddress } from '../engine';
import { ALONE, chooseIsolation } from '../isolation';
import { choosePorts, readPorts } from '../ports';
import { argvOf, processesOf } from '../processes';
import { findTemporalCli } from '../temporal-cli';
import type { TemporalCli } from '../temporal-cli';
import { claimTemporalFile, servesTemporal, temporalAddress } from '../temporal-server';
import type { Context } from './context';
import { gateArgs, launchGate } from './launch-gate';
import { adopt, end } from './launch';
import type { PartDefinition } from './part';

const START_MS = 60_000;
const STOP_MS = 10_000;
/** One that runs already has so long to show that it serves. */
export const ADOPTION_MS = 5_000;

/** @param onMoved called when it serves at another address than before: who was told the old one must be told anew. */
export function temporalPart(context: Context, onMoved: () => void): PartDefinition {
  const { home } = context;
  const settle = async (address: GuardedAddress) => {
    const moved = context.temporal !== null && context.temporal.address !== address.address;
    await writeProfile(home, address);
    context.temporal = address;
    if (moved) onMoved();
  };
  return {
    name: 'temporal',
    startMs: START_MS,
    stop: endGate,
    address: () => context.temporal?.address ?? null,
    isReady: async () => context.temporal !== null && servesTemporal(home, context.temporal),
    adopt: async () => {
      const found = await adoptable(context);
      if (found === null) return null;
      context.log(`temporal: found running (pid ${found.gate.pid})`);
      await settle(found.address);
      return adopt(found.gate);
    },
    start: async () => {
      await endRemains(context);
      const cli = await usableCli(context);
      await claimTemporalFile(home, cli);
      const isolation = await chooseIsolation(context.request.environment);
      const keys = await ensureServerKeys(home);
      const { ports, notes } = await choosePorts(home);
      for (const note of [...notes, ...(isolation.kind === 'none' ? [OPEN] : [])]) say(context, note);
      await settle(temporalAddress(home, ports));
      return launchGate({ home, cli, isolation, keys, ports });
    },
  };
}

const OPEN = `Temporal is open to every account of this machine, which gives no network namespace; ${ALONE} says that there is nobody else`;

function say(context: Context, note: string): void {
  context.log(note);
  if (!context.notes.includes(note)) context.notes.push(note);
}

/** SIGTERM makes the gate end its server first. */
const endGate = (identity: ProcessIdentity): Promise<void> => end(identity, 'SIGTERM', STOP_MS);

interface Found {
  readonly gate: ProcessIdentity;
  readonly address: GuardedAddress;
}

/** What an earlier supervisor left running: one gate of this very build, with its server, and both serve. */
async function adoptable({ home }: Context): Promise<Found | null> {
  const { gate, temporal } = await processesOf(home);
  const ports = await readPorts(home);
  const [one] = gate;
  if (one === undefined || gate.length > 1 || temporal.length !== 1 || ports === null) return null;
  const argv = await argvOf(one.pid);
  if (!gateArgs(home).every((argument) => argv.includes(argument))) return null;
  const address = temporalAddress(home, ports);
  for (
    const deadline = performance.now() + ADOPTION_MS;
    performance.now() < deadline && isAlive(one);
    await sleep(100)
  ) {
    if (await servesTemporal(home, address)) return { gate: one, address };
  }
  return null;
}

/** Two servers on one file would destroy it; one of an older version has no gate, and everybody may connect to it. */
async function endRemains({ home }: Context): Promise<void> {
  const { gate, temporal } = await processesOf(home);
  await Promise.all([...gate, ...temporal].map(endGate));
}

/** A cache may have been emptied since `up` found the program. */
async function usableCli({ home, request, log }: Context): Promise<TemporalCli> {
  const there = await access(request.cli.path).then(
    () => true,
    () => false,
  );
  return there ? request.cli : findTemporalCli(home, log, { environment: { ...process.env, ...request.environment } });
}
