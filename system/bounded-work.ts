/**
 * Work on what others wrote, in a thread of its own that is ended when it takes too long or too much memory: a text that is harder
 * to read than it should be then costs one answer, and nobody else's time.
 */
import { Worker } from 'node:worker_threads';

export interface Bounds {
  readonly limitMs: number;
  /** Of its heap. */
  readonly megabytes: number;
}

export type Bounded<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'over'; readonly why: string };

/**
 * Runs the compiled program `file` with `workerData`, and answers the first message that it posts. Both are structured clones.
 * @throws what the program throws.
 */
export function boundedWork<T>(file: string, workerData: unknown, { limitMs, megabytes }: Bounds): Promise<Bounded<T>> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(file, {
      workerData,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: 32 },
    });
    const timer = setTimeout(() => end({ kind: 'over', why: `within ${limitMs / 1_000} s` }), limitMs);
    const end = (result: Bounded<T>): void => {
      clearTimeout(timer);
      resolve(result);
      void thread.terminate();
    };
    thread.once('message', (value: T) => end({ kind: 'done', value }));
    thread.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return end({ kind: 'over', why: `in ${megabytes} MB of memory` });
      clearTimeout(timer);
      reject(error);
    });
    thread.once('exit', () => end({ kind: 'over', why: 'before its thread ended' }));
  });
}
