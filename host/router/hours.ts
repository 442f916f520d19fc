/** How much the application is asked for, hour by hour over the last three days: what a plan needs to know before it promises a verdict. */
import path from 'node:path';
import type { TrafficRate } from '../../domain/host/router';
import { share } from '../../domain/numbers';
import { readJson, writeJson } from '../../system/durable-file';

interface Hour {
  /** Hours since 1970. */
  readonly hour: number;
  /** For how much of it was counted. */
  readonly seconds: number;
  readonly requests: number;
}

const KEPT = 72;
const HOUR_MS = 3_600_000;
const ADD_MS = 10_000;
/** What is lost when the router is killed is at most so much: counts may be a little short, and nothing waits for the disk. */
const SAVE_MS = 300_000;
/** A rate of less than this says nothing. */
const LEAST_SECONDS = 30;
const QUIET = 0.1;

export class Hours {
  readonly #file: string;
  readonly #timers: readonly NodeJS.Timeout[];
  #hours: readonly Hour[];
  #requests = 0;
  #addedAt = performance.now();
  #wasChanged = false;

  private constructor(file: string, hours: readonly Hour[]) {
    this.#file = file;
    this.#hours = hours;
    this.#timers = [
      setInterval(() => this.#add(), ADD_MS).unref(),
      setInterval(() => void this.#save(), SAVE_MS).unref(),
    ];
  }

  /** Goes on with what was counted before, if that can be read. */
  static async open(directory: string): Promise<Hours> {
    const file = path.join(directory, 'hours.json');
    const known = await readJson<readonly Hour[]>(file).catch(() => null);
    return new Hours(file, Array.isArray(known) ? known : []);
  }

  count(): void {
    this.#requests += 1;
  }

  /** null: not counted for long enough. */
  rate(): TrafficRate | null {
    this.#add();
    const counted = this.#hours.filter(({ seconds }) => seconds >= LEAST_SECONDS);
    const rates = counted.map(({ requests, seconds }) => requests / seconds);
    const [perSecond, quietPerSecond] = [share(rates, 0.5), share(rates, QUIET)];
    if (perSecond === null || quietPerSecond === null) return null;
    return { perSecond, quietPerSecond, hours: counted.length };
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#add();
    await this.#save();
  }

  /** What came since the last time is of the hour that is now. */
  #add(): void {
    const now = performance.now();
    const more = { seconds: (now - this.#addedAt) / 1_000, requests: this.#requests };
    if (more.seconds < 1) return;
    const hour = Math.floor(Date.now() / HOUR_MS);
    const last = this.#hours.at(-1);
    const before = last?.hour === hour ? last : { hour, seconds: 0, requests: 0 };
    const sum = { hour, seconds: before.seconds + more.seconds, requests: before.requests + more.requests };
    this.#hours = [...this.#hours.filter((each) => each.hour !== hour), sum].slice(-KEPT);
    this.#requests = 0;
    this.#addedAt = now;
    this.#wasChanged = true;
  }

  /** A disk that does not take it costs a plan its forecast, and nothing else. */
  async #save(): Promise<void> {
    if (!this.#wasChanged) return;
    this.#wasChanged = false;
    await writeJson(this.#file, this.#hours).catch(() => undefined);
  }
}
