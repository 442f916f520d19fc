/** Cuts a stream of bytes into lines, with bounded memory and in linear time, whatever is written. */
import { StringDecoder } from 'node:string_decoder';

export interface Lines {
  push(chunk: Buffer): void;
  /** Gives out what stands at the end without a line end: its writer has ended. */
  flush(): void;
}

export interface LinesOptions {
  /** Longest line in characters; the rest of a longer one is thrown away, without being kept. */
  readonly longest: number;
  /** Stands at the end of a line that was cut, in place of its rest. */
  readonly mark?: string;
  /** Whether a carriage return ends a line too, as where a command draws its progress. */
  readonly returns?: boolean;
}

/** @param onLine is given each line without its end. */
export function createLines(
  { longest, mark = '', returns = false }: LinesOptions,
  onLine: (line: string) => void,
): Lines {
  const decoder = new StringDecoder('utf8');
  const ends = returns ? /\r\n|[\r\n]/ : '\n';
  let rest = '';
  let isCut = false;
  let afterReturn = false;

  function take(given: string): void {
    if (given === '') return;
    const text = afterReturn && given.startsWith('\n') ? given.slice(1) : given;
    afterReturn = returns && given.endsWith('\r');
    const parts = text.split(ends);
    for (const [index, part] of parts.entries()) {
      isCut ||= rest.length + part.length > longest;
      if (rest.length < longest) rest += part.slice(0, longest - rest.length);
      if (index === parts.length - 1) return;
      give();
    }
  }

  function give(): void {
    const line = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    const whole = isCut ? line + mark : line;
    rest = '';
    isCut = false;
    onLine(whole);
  }

  return {
    push: (chunk) => take(decoder.write(chunk)),
    flush() {
      take(decoder.end());
      if (rest !== '') give();
    },
  };
}
