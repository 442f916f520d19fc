import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { prepareHome } from '../../embedded/home-format';
import { homeAt } from '../../system/home';

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'mvca-format-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const format = async (root: string) =>
  JSON.parse(await readFile(path.join(root, 'format.json'), 'utf8')) as { format: number };

test('a new home is closed to others and has the present format', async () => {
  const home = homeAt(path.join(scratch, 'state', 'home'));
  await prepareHome(home);
  expect(await format(home.root)).toEqual({ format: 1 });
  expect((await stat(home.root)).mode & 0o777).toBe(0o700);
});

test('a home that secrets were kept in before the first start is taken', async () => {
  const home = homeAt(scratch);
  await mkdir(home.secrets);
  await prepareHome(home);
  expect(await format(scratch)).toEqual({ format: 1 });
});

test.each([
  ['a newer format', '{"format":2}', /has format 2, .* up to 1: use the newer mvca/],
  ['an unknown format', '{"format":"one"}', /unknown format "one"/],
  ['a broken file', '{"form', /cannot be read as a format/],
])('%s is refused with words, and nothing is touched', async (_case, content, words) => {
  const home = homeAt(scratch);
  await writeFile(path.join(scratch, 'format.json'), content);
  await expect(prepareHome(home)).rejects.toThrow(words);
  expect(await readdir(scratch)).toEqual(['format.json']);
  expect(await readFile(path.join(scratch, 'format.json'), 'utf8')).toBe(content);
});

test('an older format is carried over step by step, each step noted when it is done', async () => {
  const home = homeAt(scratch);
  await writeFile(path.join(scratch, 'format.json'), '{"format":1}');
  const seen: unknown[] = [];
  const step = async () => void seen.push((await format(scratch)).format);
  await prepareHome(home, [step, step]);
  expect(seen).toEqual([1, 2]);
  expect(await format(scratch)).toEqual({ format: 3 });
  await expect(prepareHome(home)).rejects.toThrow(/has format 3/);
});

test('a folder in which only `mvca init` was before becomes a home', async () => {
  const home = homeAt(scratch);
  await writeFile(path.join(scratch, 'initialised.json'), '[]');
  await prepareHome(home);
  expect(await readdir(scratch)).toContain('format.json');
});

test('a folder that holds other things is refused', async () => {
  await writeFile(path.join(scratch, 'thesis.txt'), '');
  await expect(prepareHome(homeAt(scratch))).rejects.toThrow(/holds other things \(thesis.txt\)/);
});

test('a file in the place of the home is refused', async () => {
  const file = path.join(scratch, 'home');
  await writeFile(file, '');
  await expect(prepareHome(homeAt(file))).rejects.toThrow(/is not a folder/);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot("another user's home is refused", async () => {
  await chown(scratch, 65_534, 65_534);
  await expect(prepareHome(homeAt(scratch))).rejects.toThrow(/belongs to another user \(uid 65534/);
});

test('a home that is reached through a link is the same home', async () => {
  await symlink(scratch, `${scratch}-link`);
  expect(homeAt(path.join(`${scratch}-link`, 'not', 'yet')).root).toBe(homeAt(path.join(scratch, 'not', 'yet')).root);
  await rm(`${scratch}-link`);
});
