import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { substitute } from '../../../domain/command/substitute';
import { splitCommand } from '../../../domain/command/split';

const argv = (text: string): readonly string[] | string => {
  const split = splitCommand(text);
  return split.ok ? split.argv : `refused: ${split.reason}`;
};

describe('a command is split as a POSIX shell would', () => {
  test.each([
    ['node server.js', ['node', 'server.js']],
    ['  node \t server.js  ', ['node', 'server.js']],
    [`node -e 'console.log("a b")'`, ['node', '-e', 'console.log("a b")']],
    ['echo "a \\"b\\" \\n"', ['echo', 'a "b" \\n']],
    ['echo a\\ b', ['echo', 'a b']],
    [`echo ''`, ['echo', '']],
    [`echo a''b"c"`, ['echo', 'abc']],
    ['node --port=$PORT ${INSTANCE}', ['node', '--port=$PORT', '${INSTANCE}']],
    ['node --test test/*.test.js', ['node', '--test', 'test/*.test.js']],
    ['node a#b', ['node', 'a#b']],
    ['git show HEAD~1', ['git', 'show', 'HEAD~1']],
    ['node a \\\n b', ['node', 'a', 'b']],
    ['node --define X=1', ['node', '--define', 'X=1']],
    [`sed 's/a$/b/' $`, ['sed', 's/a$/b/', '$']],
    [`sh -c 'a && b | c > d; e $(f) &'`, ['sh', '-c', 'a && b | c > d; e $(f) &']],
  ])('%j', (text, expected) => expect(argv(text)).toEqual(expected));
});

describe('what needs a shell is refused with advice', () => {
  test.each([
    ['npm ci && npm run build', '&&', 'list of commands'],
    ['a || b', '||', 'script'],
    ['a; b', ';', 'list of commands'],
    ['a | b', '|', 'script'],
    ['a>b', '>', 'output is kept'],
    ['a < b', '<', 'script'],
    ['echo $(date)', '$(', 'script'],
    ['echo "$(date)"', '$(', 'script'],
    ['echo `date`', '`', 'script'],
    ['echo "`date`"', '`', 'script'],
    ['node server.js &', '&', 'platform.start'],
    ['(a)', '(', 'script'],
    ['NODE_ENV=production node server.js', 'NODE_ENV=', 'variables'],
    ['echo ${A:-b}', '${', 'script'],
    ['echo $1', '$1', 'script'],
    ['cd packages/api', 'cd', 'directory'],
    ['exec node server.js', 'exec', 'leave it away'],
    ['~/bin/tool', '~', 'whole path'],
    ['echo # comment', '#', 'quotes'],
    ['npm ci\nnpm test', 'line break', 'list of commands'],
    ["echo 'a", 'single quote', 'close it'],
    ['echo "a', 'double quote', 'close it'],
    ['echo a\\', 'backslash', 'leave it away'],
    ['', 'empty', 'program'],
    ['   ', 'empty', 'program'],
    [`'' a`, 'empty word', 'program'],
    ['a\0b', 'NUL', 'leave it away'],
  ])('%j', (text, reason, advice) => {
    const split = splitCommand(text);
    expect(split).toMatchObject({
      ok: false,
      reason: expect.stringContaining(reason),
      advice: expect.stringContaining(advice),
    });
  });
});

test('names are noted where a shell would put in a value, and only there', () => {
  const split = splitCommand(`a $ONE "$TWO" '$THREE' \\$FOUR x\${FIVE}y`);
  expect(split).toMatchObject({ ok: true, names: ['ONE', 'TWO', 'FIVE'] });
});

test('a dollar that is meant as one is none for substitute', () => {
  const split = splitCommand(`a $ONE '$ONE' \\$ONE "\\$ONE" $ '$'ONE '$$' \${ONE}x`);
  if (!split.ok) throw new Error(split.reason);
  expect(substitute(split.template, { ONE: '1' })).toEqual({
    kind: 'substituted',
    command: ['a', '1', '$ONE', '$ONE', '$ONE', '$', '$ONE', '$$', '1x'],
  });
});

test('arguments in single quotes are read back as they were', () => {
  const quoted = (argument: string): string => `'${argument.replaceAll("'", `'\\''`)}'`;
  const argument = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
  fc.assert(
    fc.property(fc.array(argument), (rest) => {
      const split = splitCommand(['node', ...rest].map(quoted).join(' '));
      expect(split).toMatchObject({ ok: true, argv: ['node', ...rest], names: [] });
      expect(substitute(split.ok ? split.template : [], {})).toEqual({
        kind: 'substituted',
        command: ['node', ...rest],
      });
    }),
  );
});

test('any text is split or refused, never an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...`ab $"'\\{}()&|;<>~#=\n\t\``) }), (text) => {
      const split = splitCommand(text);
      expect(split.ok ? split.argv.length : split.advice.length).toBeGreaterThan(0);
    }),
    { numRuns: 2_000 },
  );
});

test('a real shell splits the same way', () => {
  const unit = fc.constantFrom('a', 'b', ' ', '  ', "'", '"', '\\', '=', '%', '/', '\t');
  const samples = fc
    .sample(fc.string({ unit, maxLength: 24 }), 4_000)
    .map((text) => `p ${text}`)
    .filter((text) => splitCommand(text).ok);
  expect(samples.length).toBeGreaterThan(500);
  // The shell is the oracle here: it alone knows how it splits. One call for all samples.
  const script = `p() { for w in "$@"; do printf '%s\\037' "$w"; done; printf '\\036'; }\n${samples.join('\n')}\n`;
  const answers = execFileSync('/bin/sh', ['-s'], { input: script, encoding: 'utf8' }).split('\x1e').slice(0, -1);
  const ours = samples.map((text) => [...argv(text)].slice(1));
  expect(ours).toEqual(answers.map((answer) => answer.split('\x1f').slice(0, -1)));
});
