/** Connections to an instance that nobody else answers: what is sent over them reaches the instance, or nobody. */
import net, { type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../domain/words';
import type { InstanceRecord } from './instances';
import { proveListener, type ListenerProof } from './listener-proof';
import { listensStill, type ListeningSocket } from './tcp-table';

/** What its runner knows of the instance now; null: there is none. */
export type FindInstance = () => Promise<Pick<InstanceRecord, 'process' | 'launching'> | null>;

/** Somebody else listens on the instance's port. */
export class ForeignListener extends Error {
  override readonly name = 'ForeignListener';
  readonly code = 'EFOREIGN';
  constructor(
    port: number,
    readonly holder: string,
  ) {
    super(`port ${port} is held by ${holder}, which is not the instance: nothing is sent there`);
  }
}

/** An instance that has just been started may listen before its runner has written down who it is. */
const LAUNCHING_MS = 2_000;
const LAUNCHING_LOOK_MS = 20;
/** So long a refusal holds without another look: whoever takes the port must not keep us busy looking. */
const REFUSED_MS = 50;

/**
 * Answers a function that opens connections to the instance at that port of 127.0.0.1. `open` connects, and sends nothing.
 * Each connection is given away only after its listener was proven to be the instance's before it was opened, and was seen to listen
 * still after it was: so no other has taken it.
 * @throws (the function answered) ForeignListener; Error with `ECONNREFUSED` when nobody listens; what `open` throws.
 */
export function createProvenConnect(port: number, find: FindInstance): ProvenConnect {
  let proven: Proven | null = null;
  let proving: Promise<Proven> | null = null;
  let refused: { readonly error: Error; readonly until: number } | null = null;

  async function prove(): Promise<Proven> {
    if (refused !== null && performance.now() < refused.until) throw refused.error;
    const proof = await proofOf(port, find);
    if (proof.kind === 'proven') return (proven = createProven(proof.sockets));
    const error = proof.kind === 'nobody' ? nobody(port) : new ForeignListener(port, proof.holder);
    refused = { error, until: performance.now() + REFUSED_MS };
    throw error;
  }

  return async (open) => {
    for (let attempt = 1; ; attempt += 1) {
      const before = proven ?? (await (proving ??= prove().finally(() => (proving = null))));
      const socket = await open();
      if ((await before.listensStill()) && !socket.destroyed) return socket;
      socket.destroy();
      if (proven === before) proven = null; // the instance has started anew, or somebody else has its port
      if (attempt === 2) throw nobody(port);
    }
  };
}

export type Open = () => Promise<Socket>;
export type ProvenConnect = (open: Open) => Promise<Socket>;

/** Opens a connection within `timeoutMs`. */
export const openTo =
  ({ host, port }: Address, timeoutMs: number): Open =>
  () =>
    new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, noDelay: true });
      socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)));
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.setTimeout(0).removeAllListeners('timeout');
        resolve(socket);
      });
    });

interface Proven {
  /** Looks after all connections that were open when this was asked; one look serves all that ask in the same turn. */
  listensStill(): Promise<boolean>;
}

function createProven(sockets: readonly ListeningSocket[]): Proven {
  let look: Promise<boolean> | null = null;
  const next = (): Promise<boolean> =>
    new Promise((resolve) =>
      setImmediate(() => {
        look = null;
        resolve(sockets.some(listensStill));
      }),
    );
  return { listensStill: () => (look ??= next()) };
}

async function proofOf(port: number, find: FindInstance): Promise<ListenerProof> {
  const deadline = performance.now() + LAUNCHING_MS;
  for (;;) {
    const instance = await find();
    const proof = proveListener(instance?.process ?? null, port);
    if (proof.kind !== 'foreign' || instance?.launching !== true || performance.now() > deadline) return proof;
    await sleep(LAUNCHING_LOOK_MS);
  }
}

const nobody = (port: number): Error =>
  Object.assign(new Error(`nobody listens on port ${port} of 127.0.0.1`), { code: 'ECONNREFUSED' });
