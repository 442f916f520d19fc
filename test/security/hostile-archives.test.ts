/** An archive that was made to write elsewhere, or to fill the disk: each is refused, and nothing is written outside of its folder. */
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import tar from 'tar-stream';
import { ZipFile } from 'yazl';
import { unpackArchive } from '../../activities/unpack';
import { failureOf } from '../support/in-activity';
import { removeScratch, scratch } from '../support/scratch';

afterAll(removeScratch);

type Header = Parameters<ReturnType<typeof tar.pack>['entry']>[0];
type Entry = Partial<Header> & { readonly name: string; readonly body?: string };

async function tarOf(entries: readonly Entry[]): Promise<string> {
  const file = path.join(scratch(), 'a.tar');
  const pack = tar.pack();
  for (const { body, ...header } of entries) {
    if (body === undefined) pack.entry(header);
    else pack.entry(header, body);
  }
  pack.finalize();
  await finished(pack.pipe(createWriteStream(file)));
  return file;
}

/** yazl refuses bad names itself: they are put into its bytes afterwards, of the same length. */
async function zipOf(
  entries: readonly { readonly name: string; readonly as?: string; readonly mode?: number; readonly body: Buffer }[],
) {
  const file = path.join(scratch(), 'a.zip');
  const zip = new ZipFile();
  for (const { name, mode = 0o100644, body } of entries) zip.addBuffer(body, name, { mode });
  zip.end();
  await finished(zip.outputStream.pipe(createWriteStream(file)));
  let bytes = readFileSync(file, 'latin1');
  for (const { name, as = name } of entries) bytes = bytes.replaceAll(name, as);
  writeFileSync(file, bytes, 'latin1');
  return file;
}

/** Unpacks beside a folder that must stay as it is, and says what was thrown. */
async function unpacked(file: string, kind: 'tar' | 'zip'): Promise<string> {
  const root = scratch();
  const [folder, beside] = [path.join(root, 'out'), path.join(root, 'beside')];
  mkdirSync(beside);
  writeFileSync(path.join(beside, 'kept'), 'as it was');
  const thrown = await unpackArchive(file, kind, folder).then(
    () => 'unpacked',
    (error: Error) => error.message,
  );
  expect(readdirSync(root).sort()).toEqual(['beside', 'out']);
  expect(readdirSync(beside)).toEqual(['kept']);
  expect(readFileSync(path.join(beside, 'kept'), 'utf8')).toBe('as it was');
  return thrown;
}

const PLANTED = path.join('/tmp', `mvca-planted-${process.pid}`);

const TARS: readonly (readonly [string, readonly Entry[]])[] = [
  ['a file above it', [{ name: '../beside/kept', body: 'x' }]],
  ['a file far above it', [{ name: 'a/../../beside/new', body: 'x' }]],
  ['an absolute file', [{ name: PLANTED, body: 'x' }]],
  [
    'a link out, and a file through it',
    [
      { name: 'a', type: 'symlink', linkname: '../beside' },
      { name: 'a/kept', body: 'x' },
    ],
  ],
  [
    'a file, and a link out over it',
    [
      { name: 'a/kept', body: 'x' },
      { name: 'a', type: 'symlink', linkname: '../beside' },
    ],
  ],
  [
    'two links that leave together',
    [
      { name: 'a', type: 'symlink', linkname: 'b/..' },
      { name: 'b', type: 'symlink', linkname: '..' },
    ],
  ],
  ['an absolute link', [{ name: 'a', type: 'symlink', linkname: '/etc' }]],
  ['a hard link to a file outside', [{ name: 'a', type: 'link', linkname: '../beside/kept' }]],
  ['a device', [{ name: 'a', type: 'character-device', devmajor: 1, devminor: 5 }]],
  ['a named pipe', [{ name: 'a', type: 'fifo' }]],
  [
    'the same file twice',
    [
      { name: 'a', body: 'x' },
      { name: 'a', body: 'y' },
    ],
  ],
  [
    'a file where a folder is',
    [
      { name: 'a/b', body: 'x' },
      { name: 'a', body: 'y' },
    ],
  ],
  ['a name with a NUL', [{ name: 'a\0b', body: 'x', pax: { path: 'a\0../../beside/new' } }]],
  ['a name hidden in an extended header', [{ name: 'a', body: 'x', pax: { path: '../beside/new' } }]],
  [
    'a link hidden in an extended header',
    [{ name: 'a', type: 'symlink', linkname: 'b', pax: { linkpath: '../beside' } }],
  ],
];

test.each(TARS)('a tar with %s is refused', async (_what, entries) => {
  expect(await unpacked(await tarOf(entries), 'tar')).not.toBe('unpacked');
  expect(existsSync(PLANTED)).toBe(false);
});

const text = (body: string): Buffer => Buffer.from(body);
test.each([
  ['a file above it', [{ name: 'xx/beside/kept', as: '../beside/kept', body: text('x') }]],
  ['a path of another system', [{ name: 'xx_beside_kept', as: '..\\beside\\kept', body: text('x') }]],
  [
    'a link out, and a file through it',
    [
      { name: 'a', mode: 0o120777, body: text('../beside') },
      { name: 'a/kept', body: text('x') },
    ],
  ],
  ['a link whose target is a file of megabytes', [{ name: 'a', mode: 0o120777, body: Buffer.alloc(5_000_000, 'b') }]],
] as const)('a zip with %s is refused, or stays in its folder', async (what, entries) => {
  const said = await unpacked(await zipOf(entries), 'zip');
  // A backslash is a letter of a name here.
  if (what !== 'a path of another system') expect(said).not.toBe('unpacked');
});

test.each<Entry>([
  { name: '../beside/new', body: 'x' },
  { name: 'a', type: 'symlink', linkname: '../beside' },
])('the same bytes are not unpacked again and again: %j', async (entry) => {
  const failure = await failureOf(unpackArchive(await tarOf([entry]), 'tar', path.join(scratch(), 'out')));
  expect(failure).toMatchObject({ type: 'UnsafeSource', final: true });
});

test('a zip that holds more than it says is refused before it is written whole', async () => {
  const file = await zipOf([{ name: 'bomb', body: Buffer.alloc(50_000_000) }]);
  const bytes = readFileSync(file);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(50_000_000);
  for (let at = bytes.indexOf(size); at !== -1; at = bytes.indexOf(size, at + 1)) bytes.writeUInt32LE(10, at);
  writeFileSync(file, bytes);
  expect(await unpacked(file, 'zip')).toMatch(/too many bytes|size/i);
});
