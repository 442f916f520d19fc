/** Cuts a stream of bytes into lines, with bounded memory. */
import { StringDecoder } from 'node:string_decoder';

export interface Lines {
  push(chunk: Buffer): void;
  /** Gives out what stands at the end without a line end: its writer has ended. */
  flush(): void;
}

/** @param bound longest line in characters; the rest of a longer one is thrown away. */
export function createLines(bound: number, onLine: (line: string) => void): Lines {
  const decoder = new StringDecoder('utf8');
  let rest = '';

  function take(text: string): void {
    const parts = text.split('\n');
    for (const [index, part] of parts.entries()) {
      if (rest.length < bound) rest += part.slice(0, bound - rest.length);
      if (index === parts.length - 1) return;
      give();
    }
  }

  function give(): void {
    const line = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    rest = '';
    onLine(line);
  }

  return {
    push: (chunk) => take(decoder.write(chunk)),
    flush() {
      take(decoder.end());
      if (rest !== '') give();
    },
  };
}
