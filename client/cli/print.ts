/** The only place that writes: results to standard output, progress and errors to standard error. */
import pico from 'picocolors';
import type { Colors } from 'picocolors/types';
import type { ClientConfig } from '../config';
import { paint, type Line } from './line';
import { visibleJson } from '../../domain/visible';
import { plain } from './text';

/** A terminal that pictures can be drawn on. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  readonly colours: Colors;
  /** The commands in a text as they can be typed here. */
  asTyped(text: string): string;
  write(text: string): void;
  /** Answers how to stop listening. */
  onResize(listener: () => void): () => void;
}

export interface Print {
  /** A line (or several) of the result. */
  result(content: string | Line): void;
  /** One JSON document on one line. */
  json(value: unknown): void;
  /** What goes on meanwhile. */
  progress(content: string | Line): void;
  error(text: string): void;
  /** Text as it is, such as a report's. */
  raw(text: string): void;
  /** For the help and usage errors of the argument parser. */
  readonly help: {
    readonly out: (text: string) => void;
    readonly err: (text: string) => void;
    readonly outColours: boolean;
    readonly errColours: boolean;
  };
  /** Standard error, where it is a terminal that can redraw; else null. */
  readonly terminal: Terminal | null;
  /** Resolves when everything was handed over. */
  flush(): Promise<void>;
}

type Stream = NodeJS.WriteStream;

const COMMAND =
  /(?<!npx )\bmvca (?=(?:init|plan|deploy|watch|status|list|logs|judge|diagnose|approve|reject|abort|waive|freeze|unfreeze|rollback|report|audit|identity|promote|resume|pause|secrets|up|down|doctor|worker)\b)/g;

/** Commands as they can be typed where the program was started: a hint that does not work is none. */
const asTyped = (text: string, program: ClientConfig['program']): string =>
  program === 'mvca' ? text : text.replace(COMMAND, `${program} `);

export function createPrint(
  config: Pick<ClientConfig, 'colours' | 'canRedraw' | 'program'>,
  streams: { readonly out: Stream; readonly err: Stream } = { out: process.stdout, err: process.stderr },
): Print {
  const { out, err } = streams;
  for (const stream of [out, err]) stream.on('error', endOnClosedPipe);
  const [outOn, errOn] = [coloursOn(config, out), coloursOn(config, err)];
  const [outColours, errColours] = [pico.createColors(outOn), pico.createColors(errOn)];
  const text = (content: string | Line, colours: Colors): string =>
    asTyped(typeof content === 'string' ? hanging(plain(content)) : paint(content, colours), config.program);
  return {
    result: (content) => void out.write(`${text(content, outColours)}\n`),
    json: (value) => void out.write(`${visibleJson(value)}\n`),
    progress: (content) => void err.write(`${text(content, errColours)}\n`),
    error: (message) =>
      void err.write(`${errColours.red('error:')} ${asTyped(hanging(plain(message)), config.program)}\n`),
    raw: (content) => void out.write(content),
    help: {
      out: (content) => void out.write(content),
      err: (content) => void err.write(content),
      outColours: outOn,
      errColours: errOn,
    },
    terminal: err.isTTY && config.canRedraw ? terminalOf(err, errColours, config.program) : null,
    flush: () => Promise.all([out, err].map(drained)).then(() => undefined),
  };
}

/** What follows the first line belongs to it, and looks like no line of ours. */
const hanging = (text: string): string => text.replace(/\n(?=[^\n])/g, '\n  ');

const coloursOn = ({ colours }: Pick<ClientConfig, 'colours'>, stream: Stream): boolean =>
  colours === 'always' || (colours === 'auto' && stream.isTTY === true);

const terminalOf = (stream: Stream, colours: Colors, program: ClientConfig['program']): Terminal => ({
  get columns() {
    return stream.columns || 80;
  },
  get rows() {
    return stream.rows || 24;
  },
  colours,
  asTyped: (text) => asTyped(text, program),
  write: (text) => void stream.write(text),
  onResize: (listener) => {
    stream.on('resize', listener);
    return () => void stream.off('resize', listener);
  },
});

const drained = (stream: Stream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write('', () => resolve());
  });

/** `mvca list | head` is no error: nobody reads on, so there is nobody to tell. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
}
