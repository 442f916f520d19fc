/**
 * Locks between processes of one machine and one user, held by the kernel: a listening abstract Unix socket exists once,
 * and goes with its process however that ends. So there is no stale lock and no take-over to get wrong.
 */
import { createHash } from 'node:crypto';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock of that name (any text: a path is usual), or answers null when another holds it. */
export async function tryLock(name: string): Promise<Lock | null> {
  const server = net.createServer((socket) => socket.destroy());
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(socketName(name), () => resolve(true));
  });
  if (!taken) return null;
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/**
 * Runs `work` while holding the lock.
 * @param waitMs how long to wait for another holder; then it throws an error with code `ELOCKED`.
 */
export async function withLock<T>(name: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const lock = await tryLock(name);
    if (lock !== null) {
      try {
        return await work();
      } finally {
        await lock.release();
      }
    }
    if (performance.now() >= deadline) {
      throw Object.assign(new Error(`${name} is held by another process for more than ${waitMs} ms`), {
        code: 'ELOCKED',
      });
    }
    await sleep(50);
  }
}

const socketName = (name: string): string =>
  `\0mvca-${process.getuid?.() ?? 0}-${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;

/** Is the lock held by anybody? Takes nothing, so it never stands in the way of one who wants it. */
export const isLocked = (name: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(socketName(name));
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
