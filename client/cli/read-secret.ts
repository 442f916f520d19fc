/** Reads a secret's value where nobody sees it: from standard input, or from a prompt that shows nothing. */
import { LONGEST_SECRET_BYTES, secretValueProblem } from '../../domain/secrets/value';
import { Halt } from './halt';

const [ENTER, LINE_FEED, CTRL_C, CTRL_D, BACKSPACE, DELETE] = ['\r', '\n', '\u0003', '\u0004', '\b', '\u007f'];
const UNREADABLE = '\ufffd';
/** What is pasted comes in pieces; a person needs longer for the next key. */
const PASTE_MS = 60;

/**
 * @param prompt writes the question where a person sits at the terminal.
 * @throws Halt when the value is empty, no text, of several lines at the prompt, or one that no variable can hold, or the person breaks off.
 */
export async function readSecret(prompt: (text: string) => void, input = process.stdin): Promise<string> {
  const value = input.isTTY ? await ask(prompt, input) : await readAll(input);
  const problem = secretValueProblem(value);
  if (value === '')
    throw new Halt('the value is empty; nothing was changed. Take a secret away with `mvca secrets unset`');
  if (problem !== null) throw new Halt(`${problem}; nothing was changed`);
  return value;
}

/** One line break at the end is the shell's, not the secret's. */
async function readAll(input: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    // The rest need not be read to know that it is too long.
    if (size > LONGEST_SECRET_BYTES + 2) break;
  }
  return textOf(Buffer.concat(chunks)).replace(/\r?\n$/, '');
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    if (bytes.length > LONGEST_SECRET_BYTES) return bytes.toString('latin1'); // cut within a character; too long anyway
    throw new Halt(NO_TEXT);
  }
}

const NO_TEXT =
  'the value holds bytes that are no UTF-8, so no variable could hold it unchanged; encode it, as base64 does. Nothing was changed';
const SEVERAL_LINES =
  'the value has several lines, of which the prompt takes one; give it on standard input: mvca secrets set … < FILE. Nothing was changed';

function ask(prompt: (text: string) => void, input: NodeJS.ReadStream): Promise<string> {
  prompt('value (nothing is shown): ');
  return new Promise((resolve, reject) => {
    const lines = createLine();
    let ended: NodeJS.Timeout | null = null;
    // What follows a line at once was pasted with it: it is taken off the terminal, so that no shell runs it.
    const finishSoon = (then: () => void): void => {
      if (ended !== null) clearTimeout(ended);
      ended = setTimeout(() => finish(then), PASTE_MS);
    };
    const answer = (): void => {
      const { value, more } = lines.state();
      if (more) reject(new Halt(SEVERAL_LINES));
      else if (value.includes(UNREADABLE)) reject(new Halt(NO_TEXT));
      else resolve(value);
    };
    const onData = (text: string): void => {
      const state = lines.take(text);
      if (state === 'broken off') finish(() => reject(new Halt('broken off; nothing was changed', 130)));
      else if (state === 'ended') finishSoon(answer);
    };
    const finish = (then: () => void): void => {
      input.off('data', onData);
      input.setRawMode(false);
      input.pause();
      prompt('\n');
      then();
    };
    input.setRawMode(true);
    input.setEncoding('utf8');
    input.on('data', onData);
    input.resume();
  });
}

/** The line that a person types, and whether anything came after it. */
function createLine() {
  let value = '';
  let isEnded = false;
  let more = false;
  const take = (character: string): 'broken off' | null => {
    const isEnd = character === ENTER || character === LINE_FEED || character === CTRL_D;
    if (character === CTRL_C) return 'broken off';
    if (isEnded) more ||= !isEnd;
    else if (isEnd) isEnded = true;
    else if (character === BACKSPACE || character === DELETE) value = [...value].slice(0, -1).join('');
    else value += character;
    return null;
  };
  return {
    state: () => ({ value, more }),
    take: (text: string): 'broken off' | 'ended' | 'open' => {
      for (const character of text) if (take(character) !== null) return 'broken off';
      return isEnded ? 'ended' : 'open';
    },
  };
}
