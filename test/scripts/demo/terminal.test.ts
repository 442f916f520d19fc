import os from 'node:os';
import { createTerminal } from '../../../scripts/demo/terminal';
import type { Run, Terminal } from '../../../scripts/demo/terminal';

let printed = '';
let terminal: Terminal;
beforeEach(() => {
  printed = '';
  terminal = createTerminal({
    cwd: os.tmpdir(),
    environmentOf: (person) => ({ ...process.env, WHO: person }),
    write: (text) => (printed += text),
    colours: false,
  });
});

const node = (script: string, change: Partial<Run> = {}): Run => ({
  person: 'ana',
  typed: ['node', '-e', script],
  argv: [process.execPath, '-e', script],
  timeoutMs: 20_000,
  ...change,
});

test('a command is printed as it is typed, then what it prints, each line with its person', async () => {
  const typed = ['npx', 'mvca', 'approve', '--reason', "it's fine"];
  const result = await terminal.type(node('console.log(process.env.WHO)', { person: 'bo', typed }));
  expect(result).toEqual({ code: 0, lines: ['bo'] });
  expect(printed).toBe("bo  │ $ npx mvca approve --reason 'it'\\''s fine'\nbo  │ bo\n");
});

test('errors are printed too, and the code is told', async () => {
  const result = await terminal.type(node('console.error("no"); process.exitCode = 4', { typed: ['x'] }));
  expect(result).toEqual({ code: 4, lines: [] });
  expect(printed).toBe('ana │ $ x\nana │ no\n');
});

test('input is given, and quiet commands print nothing', async () => {
  const result = await terminal.quietly(node('process.stdin.pipe(process.stdout)', { input: 'a secret\n' }));
  expect(result).toEqual({ code: 0, lines: ['a secret'] });
  expect(printed).toBe('');
});

test('a program that is not there is told, not thrown', async () => {
  const result = await terminal.type({ person: 'ana', typed: ['no-such-program'], timeoutMs: 5_000 });
  expect(result.code).toBeNull();
  // EACCES: a folder of the PATH may not be entered, so that it could be there.
  expect(printed).toMatch(/ENOENT|EACCES/);
});

test('a command that takes too long is ended, and hanging up ends all', async () => {
  const forever = 'setInterval(() => {}, 1000)';
  expect(await terminal.quietly(node(forever, { timeoutMs: 200 }))).toEqual({ code: null, lines: [] });
  const both = [terminal.quietly(node(forever)), terminal.quietly(node(forever))];
  terminal.hangUp();
  expect((await Promise.all(both)).map(({ code }) => code)).toEqual([null, null]);
});
