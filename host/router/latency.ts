/** The growing companion of `domain/histogram.ts`: the same buckets, counted in place. */
import { bucketOf, type Histogram } from '../../domain/histogram';

/** Above the bucket of 2^40, the highest value that the domain's histogram knows. */
const BUCKETS = 2_304;

export class LatencyRecorder {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  /** Counts one value, in whole microseconds. */
  record(micros: number): void {
    const bucket = bucketOf(micros);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
  }

  /** What was counted so far; later counts do not change it. */
  read(): Histogram {
    const counts: Record<string, number> = {};
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const count = this.#counts[bucket] ?? 0;
      if (count > 0) counts[bucket] = count;
    }
    return { counts, total: this.#total };
  }
}
