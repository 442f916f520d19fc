/** One question to whoever sits at the terminal. */
import readline from 'node:readline';
import { Halt } from './halt';

/** The line that was typed; empty also when the input ends. @throws Halt when the person breaks off */
export function ask(question: string, input = process.stdin, output = process.stderr): Promise<string> {
  const lines = readline.createInterface({ input, output, terminal: false });
  output.write(question);
  return new Promise((resolve, reject) => {
    const breakOff = (): void => reject(new Halt('broken off; nothing was changed', 130));
    process.once('SIGINT', breakOff);
    lines.once('line', resolve);
    // After a line that was typed this says nothing any more.
    lines.once('close', () => resolve(''));
  }).finally(() => lines.close()) as Promise<string>;
}
