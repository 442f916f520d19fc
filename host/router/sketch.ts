/**
 * Counts distinct clients without keeping them: HyperLogLog with the linear-counting correction for small numbers
 * (Flajolet et al. 2007, "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm"), 2,048 registers:
 * standard error 2.3 %, nearly exact below some hundred. Addresses are hashed with a salt that lives in this process only.
 */
import { createHash, randomBytes } from 'node:crypto';

const INDEX_BITS = 11;
const REGISTERS = 2 ** INDEX_BITS;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);
const SALT = randomBytes(16);

/** A client as a sketch sees it: a register and a rank; nothing leads back to the address. */
export interface ClientMark {
  readonly register: number;
  readonly rank: number;
}

export function markOf(address: string): ClientMark {
  const digest = createHash('sha256').update(SALT).update(address).digest();
  return { register: digest.readUInt16BE(0) % REGISTERS, rank: Math.clz32(digest.readUInt32BE(4)) + 1 };
}

export class Sketch {
  readonly #ranks = new Uint8Array(REGISTERS);

  add(mark: ClientMark): void {
    if (mark.rank > (this.#ranks[mark.register] ?? 0)) this.#ranks[mark.register] = mark.rank;
  }

  /** The estimated number of distinct clients, rounded. */
  estimate(): number {
    let sum = 0;
    let empty = 0;
    for (const rank of this.#ranks) {
      sum += 2 ** -rank;
      if (rank === 0) empty += 1;
    }
    const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
    return Math.round(raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw);
  }
}
