/** Listening sockets that outlive the routers which serve them: while a router is away, connections wait instead of being refused. */
import { Worker } from 'node:worker_threads';
import type { Unit } from '../../domain/host/unit';
import type { RouterTable } from '../../domain/host/router';
import type { Address } from '../../domain/words';
import { readJson } from '../../system/durable-file';
import { programFile } from '../../system/keeper';
import { tryLock } from '../../system/lock';
import { note, wordsOf } from '../../system/note';
import { socketLock } from '../../system/units';
import { LISTEN_BACKLOG } from '../router/limits';
import { tableFile } from '../router/table-store';

/** What the thread (`listener/main.ts`) is told. */
export interface Opening {
  readonly listen: Address;
  readonly backlog: number;
  /** How long a taken address is tried again. */
  readonly patienceMs: number;
}

export type Opened =
  { readonly kind: 'listening'; readonly descriptor: number } | { readonly kind: 'refused'; readonly code: string };

/** A socket that a child may inherit. */
export interface Socket {
  readonly descriptor: number;
  readonly listen: Address;
}

export interface Sockets {
  /**
   * The socket on which that unit is to listen: the one held for it, or a new one. null when it needs none, and when its address
   * is taken: then it says so itself, and tries itself.
   * @param patienceMs how long to wait for an address that is taken.
   */
  open(unit: Unit, patienceMs: number): Promise<Socket | null>;
  /** Closes the socket of that unit, if there is one. Repeatable. */
  close(name: string): Promise<void>;
  /** Names of the units for which one is held. */
  held(): readonly string[];
}

interface Held extends Socket {
  readonly thread: Worker;
}

/** Memory of a thread that runs thirty lines once. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 8 };

export function createSockets(): Sockets {
  const known = new Map<string, Held>();
  const close = async (name: string): Promise<void> => {
    const held = known.get(name);
    if (held === undefined) return;
    known.delete(name);
    await held.thread.terminate();
  };
  return {
    close,
    held: () => [...known.keys()],
    async open(unit, patienceMs) {
      const listen = await addressOf(unit);
      const held = known.get(unit.name);
      if (held !== undefined && listen !== null && isSame(held.listen, listen)) return held;
      await close(unit.name);
      const opened = listen === null ? null : await hold(unit, { listen, backlog: LISTEN_BACKLOG, patienceMs });
      if (opened === null) return null;
      known.set(unit.name, opened);
      // However it ended: its number would soon be that of another file.
      opened.thread.once('exit', () => known.get(unit.name) === opened && known.delete(unit.name));
      return opened;
    },
  };
}

const isSame = (a: Address, b: Address): boolean => a.host === b.host && a.port === b.port;

/** null for a unit that serves no address, and for a router whose table cannot be read: it says that itself. */
async function addressOf(unit: Unit): Promise<Address | null> {
  if (unit.kind !== 'router') return null;
  const table = await readJson<RouterTable>(tableFile(unit.directory)).catch(() => null);
  return table?.listen ?? null;
}

async function hold(unit: Unit, opening: Opening): Promise<Held | null> {
  const lock = await tryLock(socketLock(unit.directory));
  if (lock === null) return null;
  const thread = new Worker(programFile('host/keeper/listener/main.js'), {
    workerData: opening,
    env: {},
    resourceLimits: THREAD_LIMITS,
  });
  thread.once('exit', () => void lock.release());
  const opened = await new Promise<Opened>((resolve) => {
    thread.once('message', resolve);
    thread.on('error', (error) => resolve({ kind: 'refused', code: wordsOf(error) }));
  });
  if (opened.kind === 'listening') return { thread, descriptor: opened.descriptor, listen: opening.listen };
  note(`${unit.name} gets no socket for ${opening.listen.host}:${opening.listen.port} (${opened.code})`);
  await thread.terminate();
  return null;
}
