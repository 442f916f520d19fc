/**
 * Leases while the worker's thread is held up. A watch renews its lease itself, by the thread that all activities share; when one of
 * them holds that thread up, another thread renews what was renewed just before, so that no application pays for another's work. It
 * does so for 60 seconds at most, since nothing is judged meanwhile, and ends with the process.
 */
import { Worker } from 'node:worker_threads';
import { programFile } from '../../system/keeper';
import { note } from '../../system/note';

export interface HeldLease {
  readonly socket: string;
  readonly holder: string;
  readonly seconds: number;
}

export interface LeaseThreadData {
  /** Epoch milliseconds at which the worker's own thread was last seen at work. */
  readonly beat: SharedArrayBuffer;
}

const BEAT_MS = 250;

let thread: Worker | null = null;

/** Remembers a lease that was renewed just now. */
export function keepLease(lease: HeldLease): void {
  thread ??= startThread();
  thread.postMessage({ ...lease, at: Date.now() });
}

function startThread(): Worker {
  const beat = new SharedArrayBuffer(8);
  const seen = new BigInt64Array(beat);
  const tell = () => void Atomics.store(seen, 0, BigInt(Date.now()));
  tell();
  const timer = setInterval(tell, BEAT_MS).unref();
  const started = new Worker(programFile('activities/traffic/lease-thread.js'), {
    workerData: { beat } satisfies LeaseThreadData,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  started.unref();
  started.on('error', (error) => note(`the thread that keeps leases ended: ${error.message}`));
  started.once('exit', () => {
    clearInterval(timer);
    if (thread === started) thread = null; // the next renewal starts another
  });
  return started;
}
