/** Asks for every metric of a watch in its turn, beside the looks at everything else, which wait for none of them. */
import { NOTHING_SEEN, seeReading, type MetricSeen, type Reading } from '../../domain/judge/outside';
import { fillQuery, type Watched } from '../../domain/metrics/query';
import type { WatchMetricSpec } from '../../domain/spec/spec';
import type { WatchRequest } from '../contract';
import type { ReleaseDeps } from './deps';

export interface MetricRounds {
  /** Adds what came since the last call to what was seen, and asks for what is due. @param at milliseconds since the watch began. */
  look(seen: readonly MetricSeen[], at: number): readonly MetricSeen[];
  close(): Promise<void>;
}

interface Round {
  readonly spec: WatchMetricSpec;
  askedAt: number;
  flying: Promise<void> | null;
  came: Reading | null;
}

export function createMetricRounds({ metrics }: ReleaseDeps, request: WatchRequest): MetricRounds {
  const watched = watchedOf(request);
  const user = { app: request.app, environment: request.environment.name };
  const ended = new AbortController();
  const rounds = metricsOf(request).map((spec): Round => ({ spec, askedAt: -Infinity, flying: null, came: null }));

  const ask = async (round: Round): Promise<void> => {
    const { prometheus: url, query, token } = round.spec;
    round.came = await metrics.read({ url, query: fillQuery(query, watched), token, user, signal: ended.signal });
  };

  const askWhenDue = (round: Round): void => {
    if (round.flying !== null || performance.now() - round.askedAt < round.spec.everyMs) return;
    round.askedAt = performance.now();
    round.flying = ask(round).finally(() => (round.flying = null));
  };

  return {
    look: (seen, at) =>
      rounds.map((round, n) => {
        const before = seen[n] ?? NOTHING_SEEN;
        const { came } = round;
        round.came = null;
        askWhenDue(round);
        return came === null ? before : seeReading(before, round.spec, { ...came, at });
      }),
    close: async () => {
      ended.abort();
      await Promise.all(rounds.map(({ flying }) => flying ?? Promise.resolve()));
    },
  };
}

/** A deployment that an earlier version started has none. */
export const metricsOf = ({ environment }: WatchRequest): readonly WatchMetricSpec[] => environment.watch.metrics ?? [];

/** The names that queries speak of. */
export const watchedOf = ({ app, environment, release }: WatchRequest): Watched => ({
  app,
  environment: environment.name,
  release,
});
