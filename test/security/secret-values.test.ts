/** Values that no environment can hold are refused in words where they are given, and no message of a failed start carries one. */
import { openSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { readSecret } from '../../client/cli/read-secret';
import { redact } from '../../domain/secrets/redact';
import { launch, launchError } from '../../host/runner/launch';
import type { OutputStream } from '../../host/runner/stream';
import { homeAt } from '../../system/home';
import { runCommand } from '../../system/run-command';
import { getSecret, setSecret } from '../../system/secret-store';
import { mvca } from '../support/mvca';
import { removeScratch, scratch } from '../support/scratch';

afterAll(removeScratch);

/** A standard input: a pipe, or a terminal at which somebody types or pastes these pieces. */
function input(pieces: readonly (string | Buffer)[], isTTY: boolean): typeof process.stdin {
  const stream = Object.assign(new PassThrough(), { isTTY, setRawMode: () => stream });
  for (const piece of pieces) stream.write(piece);
  if (!isTTY) stream.end();
  return stream as unknown as typeof process.stdin;
}

const read = (pieces: readonly (string | Buffer)[], isTTY: boolean): Promise<string> =>
  readSecret(() => undefined, input(pieces, isTTY));

const KEY = '-----BEGIN KEY-----\nMIIabc\n-----END KEY-----';
const REFUSED: readonly [string, boolean, readonly (string | Buffer)[], RegExp][] = [
  ['a NUL byte', false, ['not-for-\0-anybody'], /NUL byte.*nothing was changed/],
  ['a NUL byte at the prompt', true, ['not-for-\0-anybody\r'], /NUL byte.*nothing was changed/],
  ['bytes that are no UTF-8', false, [Buffer.from([0x61, 0xff, 0xfe, 0x62])], /no UTF-8.*Nothing was changed/],
  ['bytes that are no UTF-8 at the prompt', true, [Buffer.from([0x61, 0xff, 0x0d])], /no UTF-8.*Nothing was changed/],
  ['200 KB', false, ['anybody'.repeat(30_000)], /longer than 102400 bytes.*nothing was changed/],
  ['200 KB at the prompt', true, [`${'anybody'.repeat(30_000)}\r`], /longer than 102400 bytes.*nothing was changed/],
  ['several lines pasted at the prompt', true, [`${KEY.replaceAll('\n', '\r')}\r`], /several lines.*< FILE/],
  ['several lines pasted in pieces', true, ['-----BEGIN', ' KEY-----\r', 'MIIanybody\r'], /several lines.*< FILE/],
];

test.each(REFUSED)('%s is refused in words, and the value is not repeated', async (_what, isTTY, pieces, words) => {
  const error: unknown = await read(pieces, isTTY).catch((caught: unknown) => caught);
  expect(String(error)).toMatch(words);
  expect(inspect(error)).not.toContain('anybody');
});

test('a key of several lines on standard input, and one line at the prompt, are taken as they are', async () => {
  expect(await read([`${KEY}\n`], false)).toBe(KEY);
  expect(await read(['päss', '\u007f', 'word\r'], true)).toBe('päsword');
});

test('the command refuses a NUL byte, and the store takes none from anybody', async () => {
  const root = scratch();
  const set = ['secrets', 'set', 'shop', 'staging', 'KEY'];
  const ran = await mvca(set, { cwd: root, env: { MVCA_HOME: root }, input: 'not-for-\0-anybody' });
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toMatch(/NUL byte/);
  const home = homeAt(root);
  const place = { app: 'shop', environment: 'staging', name: 'KEY' };
  await expect(setSecret(home, place, 'not-for-\0-anybody')).rejects.toThrow(/^(?!.*anybody).*NUL byte/);
  expect(await getSecret(home, place)).toBeNull();
});

test('an application may be called `key`, as the file of the key is: in a fresh home, and in one that is not', async () => {
  const root = scratch();
  for (const app of ['key', 'shop', 'key']) {
    const env = { MVCA_HOME: root };
    const ran = await mvca(['secrets', 'set', app, 'staging', 'PASSWORD'], { cwd: root, env, input: `of ${app}` });
    expect(ran).toMatchObject({ code: 0 });
  }
  const stored = (app: string) => getSecret(homeAt(root), { app, environment: 'staging', name: 'PASSWORD' });
  expect((await stored('key'))?.value).toBe('of key');
  expect((await stored('shop'))?.value).toBe('of shop');
});

test('a start that fails because of a value names the variable, and carries the value in no form', () => {
  const nowhere = { openForInstance: () => openSync('/dev/null', 'w') } as unknown as OutputStream;
  const streams = { out: nowhere, err: nowhere };
  const request = { argv: ['node'], env: { KEY: 'not-for-\0-anybody' }, cwd: '/', confinement: null, ...streams };
  let caught: unknown;
  try {
    launch(request);
  } catch (error) {
    caught = error;
  }
  expect(inspect(caught)).toContain('anybody'); // so Node says it
  expect(launchError(caught as Error, request)).toBe(
    '`node` cannot be started: the value of KEY holds a NUL byte, which no variable can hold',
  );
});

const LONG = 'of anybody'.repeat(200_000);
test.each<[string, string[], Record<string, string>, string]>([
  [
    'a variable with a NUL',
    ['node'],
    { KEY: 'not-for-\0-anybody' },
    'the value of KEY holds a NUL byte, which no variable can hold',
  ],
  [
    'an argument with a NUL',
    ['node', 'not-for-\0-anybody'],
    {},
    'one of its arguments holds a NUL byte, which no argument can hold',
  ],
  [
    'a variable that is too long',
    [process.execPath],
    { KEY: LONG },
    'its variables and arguments are longer than this system takes; make the longest shorter',
  ],
  [
    'an argument that is too long',
    [process.execPath, LONG],
    {},
    'its variables and arguments are longer than this system takes; make the longest shorter',
  ],
])('a command that is not started because of %s says so once, without the value', async (_what, argv, env, words) => {
  expect(await runCommand({ argv, env, cwd: '/', timeoutMs: 60_000 })).toMatchObject({
    end: 'not-started',
    error: words,
    tail: [],
  });
});

test('what Node quotes in its messages is masked as well', () => {
  const quotes = `with-'-"-\`-more`;
  for (const value of [
    'with-\u001b-escape',
    "with-'-quote",
    quotes,
    'with-\u007f\u0085-more',
    'with-\n-a break',
    'with-\u0007-"and\\more',
  ])
    expect(redact(`Received ${inspect(value)}`, [value])).not.toMatch(/with-|escape|quote|more/);
});
