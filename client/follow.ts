/** Looks at a run again and again until it ends; an engine that is away is waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineConnection } from './connection';
import type { Deployment, Look } from './deployment';
import { EngineUnreachable, innermost, isServiceError, unreachedReason } from './errors';

const EVERY_MS = 400;
const RETRY_MS = 1_000;
/** How long an engine may be away before the follower gives up. */
const PATIENCE_MS = 120_000;

export type FollowUpdate =
  | { readonly kind: 'look'; readonly look: Look }
  /** The engine does not answer; `sinceMs` is how long already. The next `look` means that it is back. */
  | { readonly kind: 'away'; readonly sinceMs: number; readonly reason: string };

export interface FollowOptions {
  readonly everyMs?: number;
  readonly patienceMs?: number;
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal;
}

/**
 * Yields a look every `everyMs` milliseconds; the last one is of the ended run.
 * @throws EngineUnreachable when the engine stays away for longer than `patienceMs` (2 minutes by default).
 */
export async function* follow(
  deployment: Pick<Deployment, 'look'>,
  connection: Pick<EngineConnection, 'renew' | 'address'>,
  options: FollowOptions = {},
): AsyncGenerator<FollowUpdate> {
  const { everyMs = EVERY_MS, patienceMs = PATIENCE_MS, signal } = options;
  let awaySince: number | null = null;
  while (!signal?.aborted) {
    try {
      const look = await deployment.look();
      awaySince = null;
      yield { kind: 'look', look };
      if (look.state !== 'running') return;
      await pause(everyMs, signal);
    } catch (error) {
      if (!isPassing(error)) throw error;
      awaySince ??= performance.now();
      const sinceMs = performance.now() - awaySince;
      if (sinceMs > patienceMs)
        throw error instanceof EngineUnreachable ? gaveUp(connection.address, patienceMs, error) : error;
      yield { kind: 'away', sinceMs, reason: unreachedReason(error) ?? innermost(error) };
      await pause(RETRY_MS, signal);
      // It may serve at another address now; where it still does not, the next look says so.
      if (error instanceof EngineUnreachable) await connection.renew().catch(() => undefined);
    }
  }
}

const isPassing = (error: unknown): boolean => error instanceof EngineUnreachable || isServiceError(error);

const gaveUp = (address: string, patienceMs: number, cause: unknown): EngineUnreachable =>
  new EngineUnreachable(
    `the engine at ${address} has been away for ${Math.round(patienceMs / 1000)} s; traffic is not touched by that. Start it with \`mvca up\`, then follow again with \`mvca watch\``,
    { cause },
  );

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
  });
}
