/** Judges a recorded stream of answers as the running watch would have judged it: moment by moment, without a look ahead. */
import type { JudgeVerdict } from '../words';
import { NO_ANSWERS, type RouteCount, type Side } from './comparing';
import type { Finding } from './finding';
import { conclude, type Needs } from './conclude';
import type { SlowAt } from './slow-starts';
import { alarm, JUDGE_START, judgeMoment, type JudgeState, type Objective } from './judge';
import { addValue, countOver, thresholdsOf, type Thresholds } from './slowness';

/** One answer: at which time it came (milliseconds), from whom, with which status (0: none came), and how long it took. */
export interface Answer {
  readonly at: number;
  readonly release: 'old' | 'new';
  readonly status: number;
  readonly ms: number;
  readonly route?: string | undefined;
}

export interface StreamVerdict {
  readonly verdict: JudgeVerdict;
  /** When the alarm came: the time of the newest answer that it took; null without. */
  readonly at: number | null;
  /** Answers seen until then, or in all. */
  readonly after: { readonly newRequests: number; readonly oldRequests: number };
  readonly finding: Finding | null;
  readonly needs: Needs | null;
}

/** How often a running watch reads the router, in milliseconds. */
export const LOOK_MS = 250;

interface Growing {
  counts: Record<string, number>;
  total: number;
}

interface Gathered {
  answers: number;
  errors: number;
  slow: number;
  slowAt: SlowAt[];
  latencies: Growing;
  routes: Record<string, { answers: number; errors: number }>;
}

/** Answers go in one after another; after an alarm further ones change nothing. */
export class StreamJudge {
  readonly #objective: Objective;
  readonly #old: Growing = { counts: {}, total: 0 };
  #state: JudgeState = JUDGE_START;
  #thresholds: Thresholds | null = null;
  #thresholdsAt = 0;
  #gathered = { old: gather(), new: gather() };
  #lookAt: number | null = null;
  #newestAt = 0;
  #alarm: { readonly at: number; readonly finding: Finding } | null = null;

  constructor(objective: Objective) {
    this.#objective = objective;
  }

  get hasAlarm(): boolean {
    return this.#alarm !== null;
  }

  take(answer: Answer): void {
    if (this.#alarm !== null) return;
    this.#lookAt ??= answer.at + LOOK_MS;
    if (answer.at >= this.#lookAt) {
      this.#look();
      if (this.#alarm !== null) return;
      this.#lookAt += Math.max(1, Math.ceil((answer.at - this.#lookAt + 1) / LOOK_MS)) * LOOK_MS;
    }
    this.#newestAt = Math.max(this.#newestAt, answer.at);
    note(this.#gathered[answer.release], answer, this.#objective.responseMs);
  }

  /** The verdict at the end of the stream. */
  end(): StreamVerdict {
    if (this.#alarm === null) this.#look();
    const { newRelease, oldRelease } = this.#state;
    const after = { newRequests: newRelease.answers, oldRequests: oldRelease.answers };
    if (this.#alarm !== null) {
      const { at, finding } = this.#alarm;
      return { verdict: 'unhealthy', at, after, finding, needs: null };
    }
    return { ...conclude(this.#state, this.#objective), at: null, after };
  }

  #look(): void {
    const { old, new: ours } = this.#gathered;
    const moment = { at: this.#newestAt, newSide: this.#sideOf(ours), oldSide: this.#sideOf(old) };
    this.#state = judgeMoment(this.#state, moment, this.#objective);
    const finding = alarm(this.#state, this.#objective);
    if (finding !== null) this.#alarm = { at: this.#newestAt, finding };
    this.#learn(old.latencies);
    this.#gathered = { old: gather(), new: gather() };
  }

  #sideOf({ answers, errors, slow, slowAt, latencies, routes }: Gathered): Side {
    const counted: Readonly<Record<string, RouteCount>> = routes;
    return { ...NO_ANSWERS, answers, errors, slow, slowAt, routes: counted, ...countOver(latencies, this.#thresholds) };
  }

  /** What the old release did counts for later moments only. Its p95 moves slowly: it is taken anew after every 2 % more. */
  #learn(latencies: Growing): void {
    for (const [bucket, count] of Object.entries(latencies.counts))
      this.#old.counts[bucket] = (this.#old.counts[bucket] ?? 0) + count;
    this.#old.total += latencies.total;
    if (this.#old.total < this.#thresholdsAt * 1.02) return;
    this.#thresholds = thresholdsOf(this.#old);
    this.#thresholdsAt = this.#old.total;
  }
}

const gather = (): Gathered => ({
  answers: 0,
  errors: 0,
  slow: 0,
  slowAt: [],
  latencies: { counts: {}, total: 0 },
  routes: {},
});

function note(side: Gathered, { at, status, ms, route }: Answer, responseMs: number): void {
  const isError = status === 0 || status >= 500;
  side.answers += 1;
  if (isError) side.errors += 1;
  if (ms > responseMs) {
    side.slow += 1;
    side.slowAt.push({ at: at - ms, slow: 1 });
  }
  if (status !== 0) addValue(side.latencies, ms * 1000);
  if (route === undefined) return;
  const counts = (side.routes[route] ??= { answers: 0, errors: 0 });
  counts.answers += 1;
  if (isError) counts.errors += 1;
}
