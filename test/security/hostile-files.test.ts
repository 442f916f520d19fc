/** Files that an application leaves where the engine reads: pipes, devices, links, huge ones, and texts that are none. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import fc from 'fast-check';
import { findCoverage } from '../../activities/gates/coverage';
import { createIgnoreRules } from '../../activities/ignore-rules';
import { keepOutsidePackages } from '../../activities/outside-packages';
import { packageFacts } from '../../activities/release/package-facts';
import { packageFacts as installFacts } from '../../activities/build/install';
import { readAnswers } from '../../client/answer-stream';
import { readProject } from '../../client/project-facts';
import { mismatch } from '../../domain/gates/expectation';
import { askAdmin } from '../../system/admin';
import { readJson } from '../../system/durable-file';
import { homeAt } from '../../system/home';
import { readLogText } from '../../system/log-text';
import { followLogs, readLogs, tailLogs } from '../../system/logs';
import { removeScratch, scratch } from '../support/scratch';

jest.setTimeout(360_000);
afterAll(removeScratch);

const MEGABYTE = 1024 * 1024;
const LIMIT_MS = 2_000;

/** What can lie there instead of a file. */
const KINDS: Readonly<Record<string, (file: string) => void>> = {
  'a pipe that nobody writes to': (file) => void execFileSync('mkfifo', [file]),
  'a link to a device without end': (file) => symlinkSync('/dev/zero', file),
  'a link to a file of the engine': (file) => symlinkSync('/etc/passwd', file),
  'a folder': (file) => mkdirSync(file),
  'a sparse file of 8 GB': (file) => {
    writeFileSync(file, '');
    truncateSync(file, 8 * 1024 * MEGABYTE);
  },
};

/** Those who read, with the name that they look for; what they answer, or throw, is said in words, and soon. */
const READERS: Readonly<Record<string, readonly [name: string, read: (folder: string) => Promise<unknown>]>> = {
  'package.json, for a diagnosis': ['package.json', (folder) => packageFacts(folder, folder)],
  'package-lock.json, for a diagnosis': ['package-lock.json', (folder) => packageFacts(folder, folder)],
  'pnpm-lock.yaml, for a diagnosis': ['pnpm-lock.yaml', (folder) => packageFacts(folder, folder)],
  'package.json, for an install': ['package.json', installFacts],
  'package-lock.json, for an install': [
    'package-lock.json',
    (folder) => {
      writeFileSync(path.join(folder, 'package.json'), '{}');
      return installFacts(folder);
    },
  ],
  'package-lock.json, for archives outside': [
    'package-lock.json',
    (folder) => keepOutsidePackages(homeAt(path.join(folder, 'home')), folder),
  ],
  'a coverage report': ['lcov.info', (folder) => findCoverage(folder, 'lcov.info', 0)],
  'ignore rules': ['.gitignore', (folder) => createIgnoreRules(folder, ['.gitignore'])('a/b', false)],
  'a project, for init': ['package.json', (folder) => readProject(folder, new Set())],
  'JSON of ours': ['state.json', (folder) => readJson(path.join(folder, 'state.json'))],
  'the log of a release': [
    'logs/release.ndjson',
    async (folder) => [await tailLogs(folder, 10), await readLogText(folder, MEGABYTE)],
  ],
};

async function told(read: () => Promise<unknown>): Promise<{ readonly said: string; readonly ms: number }> {
  const begun = performance.now();
  const said = await read().then(
    (value) => JSON.stringify(value ?? null),
    (error: Error) => `thrown: ${error.message}`,
  );
  return { said, ms: performance.now() - begun };
}

describe.each(Object.entries(READERS))('%s', (_title, [name, read]) => {
  test.each(Object.entries(KINDS))('in the place of which lies %s, holds nobody up', async (_kind, make) => {
    const folder = scratch();
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    make(path.join(folder, name));
    const before = process.memoryUsage().rss;
    const { said, ms } = await told(() => read(folder));
    expect(said).not.toContain('root:');
    expect(ms).toBeLessThan(LIMIT_MS * 2); // a busy machine; without a bound it never ended
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * MEGABYTE);
  });
});

test('a lock file that cannot be read is said, and is not none', async () => {
  const folder = scratch();
  execFileSync('mkfifo', [path.join(folder, 'package-lock.json')]);
  writeFileSync(
    path.join(folder, 'package.json'),
    '{ "dependencies": { "carts": "*" }, "engines": { "node": ">=20" } }',
  );
  expect(await packageFacts(folder, folder)).toEqual({
    packages: null,
    node: '>=20',
    unread: [{ file: 'package-lock.json', why: 'is a pipe, a socket or a device, and no file' }],
  });
  expect(await packageFacts(scratch(), scratch())).toEqual({ packages: null, node: null, unread: [] });
});

test('an archive outside that is a device without end is not read', async () => {
  const folder = scratch();
  const packages = { 'node_modules/x': { resolved: 'file:../../dev/zero', integrity: `sha512-${'A'.repeat(86)}==` } };
  const depth = folder.split('/').length;
  packages['node_modules/x'].resolved = `file:${'../'.repeat(depth)}dev/zero`;
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  const { said, ms } = await told(() => keepOutsidePackages(homeAt(path.join(folder, 'home')), folder));
  expect(said).toBe('[]');
  expect(ms).toBeLessThan(LIMIT_MS);
});

/** Text that begins as what is expected and goes on without sense. */
const texts = fc
  .tuple(
    fc.constantFrom(
      '{"a":',
      '[',
      '{"dependencies":"',
      '{"at":"',
      '\ufeff{',
      'lockfileVersion: ',
      '',
      '{"stream":"',
      '\0',
    ),
    fc.constantFrom(
      '[',
      '{"a":',
      'x',
      '\n',
      '"',
      '\\',
      ' ',
      '\ud83d',
      '1,',
      '{"at":1,"release":"new","status":200,"ms":1}\n',
    ),
    fc.integer({ min: 1, max: MEGABYTE }),
  )
  .map(([begin, unit, length]) => `${begin}${unit.repeat(Math.ceil(length / unit.length))}`.slice(0, MEGABYTE));

const FUZZED: Readonly<Record<string, readonly [name: string, read: (folder: string) => Promise<unknown>]>> = {
  ...Object.fromEntries(
    Object.entries(READERS).filter(([title]) => !title.startsWith('ignore') && !title.startsWith('a project')),
  ),
  'recorded answers, for `mvca judge`': [
    'answers.ndjson',
    async (folder) => {
      let count = 0;
      for await (const _answer of readAnswers(path.join(folder, 'answers.ndjson'))) count += 1;
      return count;
    },
  ],
  'lines of a log that is followed': [
    'logs/release.ndjson',
    async (folder) => {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), 300);
      for await (const _line of followLogs(folder, { sinceMs: 0 }, stop.signal)) if (stop.signal.aborted) break;
      clearTimeout(timer);
    },
  ],
};

describe.each(Object.entries(FUZZED))('one megabyte of anything as %s', (_title, [name, read]) => {
  test('is read, or refused, in less than two seconds', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const folder = scratch();
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), text);
        const begun = process.cpuUsage();
        await told(() => read(folder));
        const { user, system } = process.cpuUsage(begun);
        expect((user + system) / 1_000).toBeLessThan(LIMIT_MS);
      }),
      { numRuns: Number(process.env['MVCA_TEST_FUZZ_RUNS'] ?? 8), endOnFailure: true },
    );
  });
});

test('a log whose line has no end is passed over, and what comes after it is read', async () => {
  const folder = scratch();
  mkdirSync(path.join(folder, 'logs'));
  const line = JSON.stringify({ at: '2026-01-01T00:00:00.000Z', instance: 0, stream: 'out', line: 'after it' });
  writeFileSync(path.join(folder, 'logs/release.ndjson'), `${'x'.repeat(5 * MEGABYTE)}\n${line}\n`);
  const found: string[] = [];
  for await (const { line: text } of readLogs(folder)) found.push(text);
  expect(found).toEqual(['after it']);
  const stop = new AbortController();
  for await (const { line: text } of followLogs(folder, { sinceMs: 0 }, stop.signal)) {
    expect(text).toBe('after it');
    stop.abort();
  }
});

describe('an admin socket that another program took', () => {
  let server: Server | null = null;
  afterEach(() => void server?.close());

  async function answering(write: (write: (text: string) => void, end: () => void) => void): Promise<string> {
    const socket = path.join(scratch(), 's');
    server = createServer((_request, response) => {
      response.on('error', () => undefined);
      write(
        (text) => void response.write(text),
        () => void response.end(),
      );
    });
    await new Promise<void>((resolve) => void server?.listen(socket, resolve));
    return socket;
  }

  test('and that answers without end costs neither memory nor time', async () => {
    let goesOn = true;
    const socket = await answering((write) => {
      const more = (): void => {
        if (!goesOn) return;
        write('x'.repeat(MEGABYTE));
        setImmediate(more);
      };
      more();
    });
    await expect(askAdmin(socket, 'GET', '/state', { timeoutMs: 10_000 })).rejects.toThrow(
      /answers more than \d+ bytes/,
    );
    goesOn = false;
    server?.closeAllConnections();
  });

  test('and that answers a byte at a time is not waited for beyond the time', async () => {
    let timer: NodeJS.Timeout | undefined;
    const socket = await answering((write) => {
      timer = setInterval(() => write(' '), 50);
    });
    const begun = performance.now();
    await expect(askAdmin(socket, 'GET', '/state', { timeoutMs: 500 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(performance.now() - begun).toBeLessThan(LIMIT_MS);
    clearInterval(timer);
    server?.closeAllConnections();
  });

  test('and that answers anything is an error in words, or a value', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const socket = await answering((write, end) => {
          write(text);
          end();
        });
        const { ms } = await told(() => askAdmin(socket, 'GET', '/state'));
        server?.close();
        expect(ms).toBeLessThan(LIMIT_MS);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});

test('one megabyte of a page is held against what is expected of it in no time', () => {
  const expected = { status: [200], contains: 'x'.repeat(100), type: 'text/html', header: { 'x-a': 'b' } };
  fc.assert(
    fc.property(texts, fc.constantFrom('', 'text/html', ';'.repeat(100_000)), (body, type) => {
      const begun = process.cpuUsage();
      const said = mismatch(expected, { status: 200, headers: { 'content-type': type, 'x-a': body }, body });
      const { user, system } = process.cpuUsage(begun);
      expect((user + system) / 1_000).toBeLessThan(LIMIT_MS);
      expect(said?.length ?? 0).toBeLessThan(250_000);
    }),
    { numRuns: 8 },
  );
});
