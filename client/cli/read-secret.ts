/** Reads a secret's value where nobody sees it: from standard input, or from a prompt that shows nothing. */
import { Halt } from './halt';

const LIMIT_BYTES = 256 * 1024;
const [ENTER, LINE_FEED, CTRL_C, CTRL_D, BACKSPACE, DELETE] = ['\r', '\n', '\u0003', '\u0004', '\b', '\u007f'];

/**
 * @param prompt writes the question where a person sits at the terminal.
 * @throws Halt when the value is empty, too long, or the person breaks off.
 */
export async function readSecret(prompt: (text: string) => void, input = process.stdin): Promise<string> {
  const value = input.isTTY ? await ask(prompt, input) : await readAll(input);
  if (value === '')
    throw new Halt('the value is empty; nothing was changed. Take a secret away with `mvca secrets unset`');
  return value;
}

/** One line break at the end is the shell's, not the secret's. */
async function readAll(input: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT_BYTES) throw new Halt(`the value is longer than ${LIMIT_BYTES} bytes; nothing was changed`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

function ask(prompt: (text: string) => void, input: NodeJS.ReadStream): Promise<string> {
  prompt('value (nothing is shown): ');
  return new Promise((resolve, reject) => {
    let value = '';
    const onData = (text: string): void => {
      for (const character of text) {
        if (character === ENTER || character === LINE_FEED || character === CTRL_D) return finish(() => resolve(value));
        if (character === CTRL_C) return finish(() => reject(new Halt('broken off; nothing was changed', 130)));
        if (character === BACKSPACE || character === DELETE) value = [...value].slice(0, -1).join('');
        else value += character;
      }
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
