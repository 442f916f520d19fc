/** Requests that the watch sends itself where users send too few: to the new release, and as many to the old one while it serves, too. */
import { NO_COUNTS } from '../../domain/judge/judge';
import type { OwnAnswers } from '../../domain/judge/watching';
import type { SmokeCheck } from '../../domain/spec/spec';
import type { Address } from '../../domain/words';
import type { WatchRequest } from '../contract';
import type { ReleaseDeps } from './deps';
import { placeOf } from './start-release';
import type { WatchState } from './watch-state';

const AT_ONCE = 4;
/** The probes are through before the watch ends, so that the last ones are seen. */
const DONE_AT = 0.85;

type Get = Extract<SmokeCheck, { kind: 'get' }>;

export interface Probes {
  /** Answers since the last call. */
  take(): OwnAnswers;
  /** Sends what is missing by now to see the least number of answers in time. @param beside instances of the old release, where it serves, too. */
  sendUpTo(request: WatchRequest, state: WatchState, beside: readonly Address[]): void;
  /** Whether some are under way. */
  isAsking(): boolean;
  close(): Promise<void>;
}

const NONE: OwnAnswers = { newRelease: NO_COUNTS, oldRelease: NO_COUNTS };

export function createProbes({ checkOf }: ReleaseDeps, request: WatchRequest): Probes {
  const place = placeOf(request);
  const check = { newRelease: checkOf(place), oldRelease: checkOf({ ...place, release: request.oldRelease ?? '' }) };
  const checks = checksOf(request);
  const flying = new Set<Promise<void>>();
  const ended = new AbortController();
  let sent = 0;
  let answered = NONE;

  const send = async (expected: Get, address: Address, release: keyof OwnAnswers): Promise<void> => {
    const begun = performance.now();
    const { passed, aborted } = await check[release](address, expected, ended.signal);
    if (aborted) return;
    const slow = performance.now() - begun > request.environment.watch.responseMs;
    const { answers, errors, slow: slowOnes } = answered[release];
    const counts = { answers: answers + 1, errors: errors + (passed ? 0 : 1), slow: slowOnes + (slow ? 1 : 0) };
    answered = { ...answered, [release]: counts };
  };

  const sendToEach = async (get: Get, ours: Address, theirs: Address | undefined): Promise<void> => {
    const old = theirs === undefined ? null : send(get, theirs, 'oldRelease');
    await Promise.all([send(get, ours, 'newRelease'), old]);
  };

  return {
    take: () => {
      const taken = answered;
      answered = NONE;
      return taken;
    },
    sendUpTo: ({ environment, addresses, forMs }, state, beside) => {
      const elapsed = state.watchedMs / Math.max(1, forMs * DONE_AT);
      const wanted = Math.ceil(environment.watch.minimum * Math.min(1, elapsed));
      let missing = wanted - state.real - state.own - flying.size;
      while (missing-- > 0 && flying.size < AT_ONCE) {
        const get = checks[sent % Math.max(1, checks.length)];
        const ours = addresses[sent % Math.max(1, addresses.length)];
        if (get === undefined || ours === undefined) return;
        const theirs = beside[sent % Math.max(1, beside.length)];
        sent++;
        const flight: Promise<void> = sendToEach(get, ours, theirs).finally(() => flying.delete(flight));
        flying.add(flight);
      }
    },
    isAsking: () => flying.size > 0,
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
