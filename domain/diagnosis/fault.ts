/** An error as a log tells it: class, code, fields, stack; free of the form in which it was logged. */

export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface Fault {
  readonly name: string | null;
  readonly message: string;
  /** As the error says it, or as its message does (`messages.ts`). */
  readonly code: string | null;
  /** Scalar properties of the error, such as `syscall`, `path`, `port`, `status`. */
  readonly fields: Readonly<Record<string, string>>;
  readonly frames: readonly Place[];
  /** What Node.js shows above an error that nothing caught: where, and the line of code. */
  readonly thrownAt: Place | null;
  readonly sourceLine: string | null;
  /** Lines below the first one of its entry. */
  readonly offset: number;
}

export const NO_FAULT: Fault = {
  name: null,
  message: '',
  code: null,
  fields: {},
  frames: [],
  thrownAt: null,
  sourceLine: null,
  offset: 0,
};

export type Level = 'error' | 'warn' | 'info' | null;

/** One thing that was logged, be it one line or a trace of fifty. */
export interface Entry {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly at: string | null;
  readonly instance: number;
  /** By the runner, not by the application. */
  readonly isRunner: boolean;
  readonly level: Level;
  /** Standard error, where the log says so. */
  readonly isErrorStream: boolean;
  readonly texts: readonly string[];
  /** The object, where the entry is one. */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** Outermost first: the last one is what began it. Empty where nothing went wrong. */
  readonly chain: readonly Fault[];
  readonly isUnhandled: boolean;
  /** The process ended with it. */
  readonly isFatal: boolean;
}

const FOREIGN = /(^|[\\/])node_modules[\\/]|^node:|^internal[\\/]|^<|^\[eval|^evalmachine/;

/** Whether a file is the application's own: neither a dependency's nor Node.js's. */
export const isOwn = ({ file }: Place): boolean => !FOREIGN.test(file) && /[\\/]|\.[cm]?[jt]sx?$/.test(file);

/** Where in the application's own code it happened; null where the trace never comes by. */
export function ownPlace(fault: Fault): Place | null {
  const { thrownAt } = fault;
  return fault.frames.find(isOwn) ?? (thrownAt !== null && isOwn(thrownAt) ? thrownAt : null);
}

/** The end of a path: two releases have the same file in two folders. */
export const fileText = (file: string): string => file.split(/[\\/]/).slice(-2).join('/');

export const placeText = ({ file, line }: Place): string => `${file}:${line}`;

/** Whether the trace comes by one of these packages. */
export const comesBy = (fault: Fault, packages: RegExp): boolean =>
  fault.frames.some(({ file }) => {
    const inside =
      /[\\/]node_modules[\\/](?:\.pnpm[\\/][^\\/]+[\\/]node_modules[\\/])?((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file);
    return inside?.[1] !== undefined && packages.test(inside[1].replace('\\', '/'));
  });
