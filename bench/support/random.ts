/** Random numbers that are the same for the same seed: a bench can be repeated, and a failure found again. */

export interface Random {
  /** Evenly from 0 (in) to 1 (out). */
  next(): number;
  /** Normally distributed, mean 0, deviation 1. */
  normal(): number;
}

/** The generator `sfc32` of PractRand (Chris Doty-Humphrey), 128 bits of state, begun with a seed. */
export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i += 1) next();
  return {
    next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}
