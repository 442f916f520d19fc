/** Requests that the watch sends itself to the new release where users send too few. */
import type { Counts } from '../../domain/judge/judge';
import type { SmokeCheck } from '../../domain/spec/spec';
import type { Address } from '../../domain/words';
import type { WatchRequest } from '../contract';
import type { ReleaseDeps } from './deps';
import type { WatchState } from './watch-state';

const AT_ONCE = 4;
/** The probes are through before the watch ends, so that the last ones are seen. */
const DONE_AT = 0.85;

type Get = Extract<SmokeCheck, { kind: 'get' }>;

export interface Probes {
  /** Answers since the last call. */
  take(): Counts;
  /** Sends what is missing by now to see the least number of answers in time. */
  sendUpTo(request: WatchRequest, state: WatchState): void;
  close(): Promise<void>;
}

export function createProbes({ httpCheck }: ReleaseDeps, request: WatchRequest): Probes {
  const checks = checksOf(request);
  const flying = new Set<Promise<void>>();
  const ended = new AbortController();
  let sent = 0;
  let block: Counts = { answers: 0, errors: 0, slow: 0 };

  const send = async (check: Get, address: Address): Promise<void> => {
    const begun = performance.now();
    const { passed, aborted } = await httpCheck(address, check, ended.signal);
    if (aborted) return;
    const slow = performance.now() - begun > request.environment.watch.responseMs;
    block = { answers: block.answers + 1, errors: block.errors + (passed ? 0 : 1), slow: block.slow + (slow ? 1 : 0) };
  };

  return {
    take: () => {
      const taken = block;
      block = { answers: 0, errors: 0, slow: 0 };
      return taken;
    },
    sendUpTo: ({ environment, addresses, forMs }, state) => {
      const elapsed = state.watchedMs / Math.max(1, forMs * DONE_AT);
      const wanted = Math.ceil(environment.watch.minimum * Math.min(1, elapsed));
      let missing = wanted - state.real - state.own - flying.size;
      while (missing-- > 0 && flying.size < AT_ONCE) {
        const check = checks[sent % Math.max(1, checks.length)];
        const address = addresses[sent % Math.max(1, addresses.length)];
        if (check === undefined || address === undefined) return;
        sent++;
        const flight: Promise<void> = send(check, address).finally(() => flying.delete(flight));
        flying.add(flight);
      }
    },
    close: async () => {
      ended.abort();
      await Promise.all(flying);
    },
  };
}

function checksOf({ environment }: WatchRequest): readonly Get[] {
  if (environment.watch.probes.length > 0) return environment.watch.probes;
  return environment.smoke.filter((check): check is Get => check.kind === 'get');
}
