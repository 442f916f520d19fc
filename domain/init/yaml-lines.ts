/** Lines of YAML with a comment that explains each. */

export const line = (depth: number, text: string, why = ''): string =>
  `${'  '.repeat(depth)}${text}${why === '' ? '' : ` # ${why}`}`;

const PLAIN = /^[A-Za-z0-9_./$=][A-Za-z0-9_./$@%+=*~^-]*( [A-Za-z0-9_./$@%+=*~^-]+)*$/;

/** A text as a scalar: plain where YAML would read back the same, else in double quotes. */
export const scalar = (text: string): string => (PLAIN.test(text) ? text : JSON.stringify(text));

export const list = (items: readonly string[]): string => `[${items.map(scalar).join(', ')}]`;

export const mapping = (pairs: Readonly<Record<string, string>>): string =>
  `{ ${Object.entries(pairs)
    .map(([key, value]) => `${key}: ${scalar(value)}`)
    .join(', ')} }`;
