/** A query of the spec, with the names of what is watched put in. */

export interface Watched {
  readonly app: string;
  readonly environment: string;
  readonly release: string;
}

/** What may stand in a query: `$RELEASE`, or `${RELEASE}` beside other letters. */
export const QUERY_NAMES = ['RELEASE', 'APP', 'ENVIRONMENT'] as const;

const PATTERN = /\$(?:\$|([A-Za-z_]\w*)|\{([^}]*)\})/g;

/** Puts the names in, once, as they may stand in a double-quoted text; `$$` stands for a dollar, and one that begins no name stays. */
export function fillQuery(query: string, { app, environment, release }: Watched): string {
  const values: Readonly<Record<string, string>> = { RELEASE: release, APP: app, ENVIRONMENT: environment };
  return query.replace(PATTERN, (written, plain?: string, braced?: string) => {
    if (written === '$$') return '$';
    const name = plain ?? braced ?? '';
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? written : quoted(value);
  });
}

/** Names in a query that nothing is known of, each once. */
export const unknownIn = (query: string): string[] => [
  ...new Set(
    [...query.matchAll(PATTERN)]
      .filter(([written]) => written !== '$$')
      .map(([, plain, braced]) => plain ?? braced ?? '')
      .filter((name) => !(QUERY_NAMES as readonly string[]).includes(name)),
  ),
];

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);
