import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { unneededOf } from '../../../activities/build/development';
import { readTree } from '../../../system/tree';
import { failureOf } from '../../support/in-activity';
import { removeScratch, scratch, writeFiles } from '../../support/scratch';

afterAll(removeScratch);
jest.setTimeout(180_000);

test('Of the packages of this very project, exactly those stay that npm lists as production', async () => {
  const root = path.resolve(__dirname, '../../..');
  const entries = await readTree(root, (name) => ['.git', 'dist'].includes(name));
  const isUnneeded = await unneededOf(root, entries, true);
  const isPackage = /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^@./][^/]*$/;
  const kept = entries.filter(({ kind, path: name }) => kind === 'folder' && isPackage.test(name) && !isUnneeded(name));
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  const production = listed.split('\n').map((place) => path.relative(root, place.trim() || root));
  expect(kept.map((entry) => entry.path).sort()).toEqual([...new Set(production)].filter((name) => name !== '').sort());
});

describe('What cannot be known is refused, and not guessed', () => {
  const needs = JSON.stringify({ devDependencies: { a: '1' } });
  test.each<[string, Record<string, string>, string]>([
    ['a table of yarn that is none', { '.pnp.cjs': 'module.exports = {}' }, '.pnp.cjs holds no table of packages'],
    ['workspaces of pnpm that are no YAML', { 'pnpm-workspace.yaml': '[' }, 'pnpm-workspace.yaml cannot be read'],
  ])('%s', async (_, files, words) => {
    const root = scratch();
    writeFiles(root, { 'package.json': needs, ...files });
    const failure = await failureOf(readTree(root).then((entries) => unneededOf(root, entries, true)));
    expect(failure).toMatchObject({ type: 'BuildFailed', final: true });
    expect(failure.message).toContain(words);
  });

  test('a table of yarn that is a link, which may lead anywhere', async () => {
    const root = scratch();
    writeFiles(root, { 'package.json': needs });
    symlinkSync('/etc/passwd', path.join(root, '.pnp.cjs'));
    const failure = await failureOf(readTree(root).then((entries) => unneededOf(root, entries, true)));
    expect(failure.message).toMatch(/^\.pnp\.cjs cannot be read: .* is a link/);
  });
});
