/** The thread of `lease-keeper.ts`: renews while the worker's own thread is held up, and at no other time. */
import { parentPort, workerData } from 'node:worker_threads';
import { LEASE_SECONDS_HELD_UP } from '../../domain/lease';
import { askAdmin } from '../../system/admin';
import { note } from '../../system/note';
import type { HeldLease, LeaseThreadData } from './lease-keeper';

const LOOK_MS = 1_000;
/** The worker's own thread says every 250 ms that it is at work. */
const HELD_UP_MS = 2_000;
/** A watch renews every 2 s; what was not renewed for longer before the thread was held up has no watch any more. */
const RENEWED_MS = 6_000;

const leases = new Map<string, HeldLease & { readonly at: number }>();
const beat = new BigInt64Array((workerData as LeaseThreadData).beat);

parentPort?.on('message', (lease: HeldLease & { readonly at: number }) => {
  leases.set(`${lease.holder} ${lease.socket}`, lease);
});

setInterval(() => {
  const seen = Number(Atomics.load(beat, 0));
  const heldUpMs = Date.now() - seen;
  for (const [key, lease] of leases) {
    if (seen - lease.at > RENEWED_MS) leases.delete(key);
    else if (heldUpMs > HELD_UP_MS && heldUpMs < LEASE_SECONDS_HELD_UP * 1_000) void renew(key, lease);
  }
}, LOOK_MS);

async function renew(key: string, { socket, holder, seconds }: HeldLease): Promise<void> {
  try {
    await askAdmin(socket, 'PUT', '/lease', { body: { holder, seconds }, timeoutMs: 2_000 });
  } catch (error) {
    leases.delete(key); // proven, given back or away: the watch finds out when it goes on
    note(`a lease is not renewed while the worker is held up: ${(error as Error).message}`);
  }
}
