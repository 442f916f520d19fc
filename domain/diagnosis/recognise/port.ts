/** What is seen only over many lines: the application was given one port, and says that it listens on another. */
import type { Entry } from '../fault';
import type { Recognition } from './recogniser';
import type { Seen } from './health';

/** The runner started it for one port, and of all that it says of listening nothing names that port. */
export function portsMissed(entries: readonly Entry[]): Seen[] {
  const given = new Map<number, number>();
  const heard = new Map<number, Heard[]>();
  for (const entry of entries) {
    const port = entry.isRunner ? STARTED.exec(entry.texts[0] ?? '')?.[1] : undefined;
    if (port !== undefined) given.set(entry.instance, Number(port));
    else if (!entry.isRunner && LISTENS.test(textOf(entry)))
      heard.set(entry.instance, [...(heard.get(entry.instance) ?? []), { entry, port: listenedPort(entry) }]);
  }
  return [...heard].flatMap(([instance, lines]) => {
    const port = given.get(instance);
    const other = lines.find((line) => line.port !== null);
    if (port === undefined || other?.port == null || lines.some(({ entry }) => names(entry, port))) return [];
    return [{ entry: other.entry, recognition: elsewhere(port, other.port) }];
  });
}

interface Heard {
  readonly entry: Entry;
  readonly port: number | null;
}

const STARTED = /^started with pid \d+ for port (\d+)/;
const LISTENS = /\b(?:listen|serv(?:er|ing)|ready|started|running)/i;
/** Who is heard of where no requests are taken: what it connects to, and what watches it. */
const OTHERS =
  /\b(?:connect\w*|debugger|inspector|metrics|prometheus|admin|proxy\w*|upstream|redis|valkey|postgres\w*|mysql|mariadb|mongo\w*|databases?|db|cache|broker|queue|rabbit\w*|kafka|nats|smtp|elastic\w*)\b/i;
const CLOCK = /(?<![\d.:])\d{1,2}:\d\d(?::\d\d)?(?!\d)(?:[.,]\d+)?(?: ?[ap]\.?m\b)?/gi;
/** A number is a port where it stands behind a host, alone behind a colon, or is called one. */
const ADDRESS =
  /(?:\bhttps?:\/\/[^\s/:]+|\b(?:localhost|\d{1,3}(?:\.\d{1,3}){3})|\[[\da-f:]+\]|(?<![^\s(=*"'`])(?:\*|::)?):([1-9]\d{1,4})(?![\d:.])/i;
const CALLED = /\bport(?: number)?(?:[:=]| is)? ?["'`#]?([1-9]\d{1,4})(?![\d:.]\d)\b/i;
const MOST = 65_535;

const textOf = ({ texts }: Entry): string => texts[0] ?? '';

function listenedPort(entry: Entry): number | null {
  const text = textOf(entry).replace(CLOCK, ' ');
  if (OTHERS.test(text)) return null;
  const port = entry.json?.['port'];
  const said = ADDRESS.exec(text)?.[1] ?? CALLED.exec(text)?.[1] ?? (typeof port === 'number' ? port : null);
  return said === null || Number(said) > MOST ? null : Number(said);
}

const names = (entry: Entry, port: number): boolean =>
  entry.json?.['port'] === port || new RegExp(`(?<!\\d)${port}(?!\\d)`).test(textOf(entry));

const elsewhere = (given: number, listens: number): Recognition => ({
  cause: 'wrong-port',
  subject: String(listens),
  confidence: 0.85,
  title: `the application listens on port ${listens}, and not on ${given}, which it was given`,
  remedy: {
    text: `Listen on the port that the variable PORT names; where the application reads another variable, say so by \`platform.port: { variable: … }\`, where ${listens} is fixed in the code by \`platform.port: ${listens}\`.`,
  },
});
