/** From values to places in a drawing, and round numbers to name them by. */

export interface Scale {
  readonly ticks: readonly number[];
  /** 0 at the lowest tick, 1 at the highest. */
  readonly share: (value: number) => number;
}

/** From zero to a round number that no value is above, with 2 to 5 ticks of 1, 2 or 5 times a power of ten. */
export function valueScale(values: readonly number[], atLeast: number): Scale {
  const most = Math.max(atLeast, ...values);
  const step = roundStep(most / 4);
  const top = Math.ceil(most / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => tidy(index * step));
  return { ticks, share: (value) => value / top };
}

function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const times = [1, 2, 2.5, 5, 10].find((each) => each * power >= atLeast - 1e-9) ?? 10;
  return times * power;
}

const tidy = (value: number): number => Number(value.toPrecision(12));

const STEPS_S = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

/** Ticks in seconds since `fromMs`, at most `most` of them after the first. */
export function timeScale(fromMs: number, toMs: number, most: number): Scale {
  const seconds = Math.max(1, (toMs - fromMs) / 1_000);
  const step = STEPS_S.find((each) => seconds / each <= most) ?? Math.ceil(seconds / most / 86_400) * 86_400;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
  return { ticks, share: (ms) => (ms - fromMs) / 1_000 / seconds };
}
