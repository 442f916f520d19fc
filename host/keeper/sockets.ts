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
  /** One number, shared: the thread waits until it is not 0 any more, and opens the socket then. */
  readonly go: Int32Array;
}

export type Opened =
  { readonly kind: 'listening'; readonly descriptor: number } | { readonly kind: 'refused'; readonly code: string };

/** A socket that a child may inherit. */
export interface Socket {
  readonly descriptor: number;
  readonly listen: Address;
}

export interface Sockets {
  /** Has a thread ready, so that `open` takes no longer than the kernel does. Repeatable. */
  prepare(unit: Unit): Promise<void>;
  /**
   * The socket on which that unit is to listen: the one held for it, or a new one. null when it needs none, and when its address
   * is taken: then it says so itself, and tries itself.
   */
  open(unit: Unit): Promise<Socket | null>;
  /** Closes the socket of that unit, if there is one. Repeatable. */
  close(name: string): Promise<void>;
  /** Names of the units for which a socket or a thread is held. */
  held(): readonly string[];
}

interface Held extends Opening {
  readonly thread: Worker;
  socket: Socket | null;
}

/** Memory of a thread that runs thirty lines once. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 8 };

export function createSockets(): Sockets {
  const known = new Map<string, Held>();
  const close = async (name: string): Promise<void> => {
    const held = known.get(name);
    known.delete(name);
    await held?.thread.terminate();
  };
  const heldFor = async (unit: Unit): Promise<Held | null> => {
    const listen = await addressOf(unit);
    const held = known.get(unit.name);
    if (held !== undefined && listen !== null && isSame(held.listen, listen)) return held;
    await close(unit.name);
    if (listen === null) return null;
    const fresh = startThread(listen);
    known.set(unit.name, fresh);
    // However it ended: its descriptor would soon be that of another file.
    fresh.thread.once('exit', () => known.get(unit.name) === fresh && known.delete(unit.name));
    return fresh;
  };
  return {
    prepare: async (unit) => void (await heldFor(unit)),
    async open(unit) {
      const held = await heldFor(unit);
      if (held === null) return null;
      held.socket ??= await openIn(held, unit);
      if (held.socket === null) await close(unit.name);
      return held.socket;
    },
    close,
    held: () => [...known.keys()],
  };
}

const isSame = (a: Address, b: Address): boolean => a.host === b.host && a.port === b.port;

/** null for a unit that serves no address, and for a router whose table cannot be read: it says that itself. */
async function addressOf(unit: Unit): Promise<Address | null> {
  if (unit.kind !== 'router') return null;
  const table = await readJson<RouterTable>(tableFile(unit.directory)).catch(() => null);
  return table?.listen ?? null;
}

function startThread(listen: Address): Held {
  const opening: Opening = { listen, backlog: LISTEN_BACKLOG, go: new Int32Array(new SharedArrayBuffer(4)) };
  const thread = new Worker(programFile('host/keeper/listener/main.js'), {
    workerData: opening,
    env: {},
    resourceLimits: THREAD_LIMITS,
  });
  thread.on('error', (error) => note(`the thread for ${listen.host}:${listen.port} failed: ${wordsOf(error)}`));
  return { ...opening, thread, socket: null };
}

/** Whoever frees the address waits for the lock, which goes with the thread. */
async function openIn({ thread, go, listen }: Held, unit: Unit): Promise<Socket | null> {
  const lock = await tryLock(socketLock(unit.directory));
  if (lock === null) return null;
  const opened = new Promise<Opened>((resolve) => {
    thread.once('message', resolve);
    thread.once('exit', () => {
      resolve({ kind: 'refused', code: 'its thread ended' });
      void lock.release();
    });
  });
  Atomics.store(go, 0, 1);
  Atomics.notify(go, 0);
  const result = await opened;
  if (result.kind === 'listening') return { descriptor: result.descriptor, listen };
  note(`${unit.name} gets no socket for ${listen.host}:${listen.port} (${result.code})`);
  return null;
}
