/**
 * Who gets the next request: smooth weighted round robin, as nginx does it (ngx_http_upstream_round_robin.c). No chance is
 * involved: of any 100 requests in a row, each gets its share to within one, evenly spread.
 */
export interface Share<T> {
  readonly target: T;
  /** In percent; above 0. */
  readonly weight: number;
}

export class Shares<T> {
  readonly #targets: readonly T[];
  readonly #weights: Float64Array;
  readonly #credits: Float64Array;
  readonly #total: number;

  constructor(shares: readonly Share<T>[]) {
    const serving = shares.filter((share) => share.weight > 0);
    this.#targets = serving.map((share) => share.target);
    this.#weights = Float64Array.from(serving, (share) => share.weight);
    this.#credits = new Float64Array(serving.length);
    this.#total = serving.reduce((sum, share) => sum + share.weight, 0);
  }

  /** null: nobody has weight. */
  next(): T | null {
    const count = this.#targets.length;
    if (count <= 1) return this.#targets[0] ?? null;
    let best = 0;
    let most = -Infinity;
    for (let i = 0; i < count; i += 1) {
      const credit = (this.#credits[i] ?? 0) + (this.#weights[i] ?? 0);
      this.#credits[i] = credit;
      if (credit > most) {
        most = credit;
        best = i;
      }
    }
    this.#credits[best] = most - this.#total;
    return this.#targets[best] ?? null;
  }
}
