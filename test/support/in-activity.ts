import type { CommandProgress } from '../../activities/facts-contract';
import { MockActivityEnvironment } from '@temporalio/testing';

export interface Ran<T> {
  readonly result: T;
  readonly heartbeats: readonly CommandProgress[];
}

const nothing = (): void => undefined;
const silent = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Runs a function as an activity would run it. */
export async function inActivity<T>(work: () => Promise<T>, taskQueue?: string): Promise<T> {
  return (await ranInActivity(work, taskQueue)).result;
}

export async function ranInActivity<T>(work: () => Promise<T>, taskQueue?: string): Promise<Ran<T>> {
  const info = taskQueue === undefined ? {} : { taskQueue };
  const environment = new MockActivityEnvironment(info, { logger: silent });
  const heartbeats: CommandProgress[] = [];
  environment.on('heartbeat', (details: CommandProgress) => heartbeats.push(details));
  return { result: (await environment.run(work)) as T, heartbeats };
}

/** The failure that a promise ends with: its type, message and whether it is repeated. */
export async function failureOf(promise: Promise<unknown>): Promise<{ type: string; message: string; final: boolean }> {
  try {
    await promise;
  } catch (error) {
    const failure = error as { type?: string; message: string; nonRetryable?: boolean };
    return {
      type: failure.type ?? (error as Error).name,
      message: failure.message,
      final: failure.nonRetryable ?? false,
    };
  }
  throw new Error('it did not fail');
}
