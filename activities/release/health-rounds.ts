/** Health checks of every instance while its release has traffic. */
import type { HardFacts } from '../../domain/judge/hard-stops';
import type { Address } from '../../domain/words';
import type { WatchRequest } from '../contract';
import type { ReleaseDeps } from './deps';
import { placeOf } from './start-release';

interface Round {
  at: number;
  inARow: number;
  seen: string;
  flying: Promise<void> | null;
}

export interface HealthRounds {
  /** Begins the checks that are due; waits for none. */
  check(): void;
  red(): HardFacts['red'];
  close(): Promise<void>;
}

export function createHealthRounds({ checkOf }: ReleaseDeps, request: WatchRequest): HealthRounds {
  const { health } = request.environment;
  const check = checkOf(placeOf(request));
  const ended = new AbortController();
  const rounds = new Map<Address, Round>(
    request.addresses.map((address) => [address, { at: -Infinity, inARow: 0, seen: '', flying: null }]),
  );

  const look = async (address: Address, round: Round): Promise<void> => {
    const { passed, aborted, seen } = await check(address, health, ended.signal);
    if (aborted) return;
    round.inARow = passed ? 0 : round.inARow + 1;
    round.seen = seen;
  };

  return {
    check: () => {
      for (const [address, round] of rounds) {
        if (round.flying !== null || performance.now() - round.at < health.everyMs) continue;
        round.at = performance.now();
        round.flying = look(address, round).finally(() => {
          round.flying = null;
        });
      }
    },
    red: () => [...rounds].map(([{ host, port }, { inARow, seen }]) => ({ instance: `${host}:${port}`, inARow, seen })),
    close: async () => {
      ended.abort();
      await Promise.all([...rounds.values()].map((round) => round.flying ?? Promise.resolve()));
    },
  };
}
