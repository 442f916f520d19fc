import path from 'node:path';
import type { SnapshotRequest } from '../../../activities/contract';
import { createSourceActivities } from '../../../activities/source';
import type { Snapshot } from '../../../domain/source';
import { homeAt } from '../../../system/home';
import { inActivity } from '../../support/in-activity';
import {
  commitAll,
  gitIn,
  plainBuild,
  removeScratch,
  repositoryWith,
  scratch,
  writeFiles,
} from '../../support/scratch';

const { snapshotSource } = createSourceActivities({ home: homeAt(path.join(scratch(), 'home')) });
afterAll(removeScratch);

const take = (directory: string, options: Partial<SnapshotRequest> = {}): Promise<Snapshot> =>
  inActivity(() =>
    snapshotSource({ directory, version: null, dirty: true, git: false, build: plainBuild, ...options }),
  );

const FILES = { 'deployment.yaml': 'app: one\n', 'other.yaml': 'app: one\n', 'a.js': 'a' };

/** What was taken before and after a change that is committed. */
async function beforeAndAfter(
  files: Readonly<Record<string, string>>,
  options: Partial<SnapshotRequest> = {},
  tags: readonly (readonly string[])[] = [],
): Promise<readonly [Snapshot, Snapshot]> {
  const folder = repositoryWith(FILES);
  for (const tag of tags[0] ?? []) gitIn(folder, 'tag', tag);
  const before = await take(folder, options);
  writeFiles(folder, files);
  commitAll(folder);
  for (const tag of tags[1] ?? []) gitIn(folder, 'tag', tag);
  return [before, await take(folder, options)];
}

const CHANGED = { 'deployment.yaml': 'app: one\nenvironments: {}\n' };
const SPOKEN = { ...plainBuild, command: [['node', 'make.js', 'deployment.yaml']] };

test.each<[string, Readonly<Record<string, string>>, Partial<SnapshotRequest>, string[][], boolean]>([
  ['the spec alone', CHANGED, {}, [], true],
  ['the spec alone, after a release that has a tag', CHANGED, {}, [['v1.0.0', 'odd/tag'], []], true],
  ['a spec of another name', { 'other.yaml': 'app: two\n' }, { file: 'other.yaml' }, [], true],
  ['the spec and a file', { ...CHANGED, 'a.js': 'A' }, {}, [], false],
  ['a file that is called like the spec elsewhere', { 'b/deployment.yaml': 'x' }, {}, [], false],
  ['a file that is not the spec of this deployment', CHANGED, { file: 'other.yaml' }, [], false],
  ['the spec alone, and a tag that the build is told', CHANGED, {}, [[], ['v2.0.0']], false],
  ['the spec alone, of which the build speaks', CHANGED, { build: SPOKEN }, [], false],
  ['the spec alone, for a build that sees .git', CHANGED, { git: true }, [], false],
])('A commit that changes %s', async (_, files, options, tags, isSame) => {
  const [before, after] = await beforeAndAfter(files, options, tags);
  expect(after.digest).not.toBe(before.digest);
  expect(after.commit).not.toBe(before.commit);
  expect(after.inputs === before.inputs).toBe(isSame);
});

test('The build is told the commit and the tag that its files are from', async () => {
  const [before, after] = await beforeAndAfter(CHANGED, {}, [['v1.0.0']]);
  expect(after).toMatchObject({ tag: null, apart: 'deployment.yaml', told: { commit: before.commit, tag: 'v1.0.0' } });
});

test('In a folder of a repository, changes elsewhere build nothing again', async () => {
  const top = repositoryWith({ 'api/deployment.yaml': 'app: one\n', 'api/a.js': 'a', 'web/b.js': 'b' });
  const before = await take(path.join(top, 'api'));
  writeFiles(top, { 'web/b.js': 'B', 'api/deployment.yaml': 'app: two\n' });
  commitAll(top);
  expect((await take(path.join(top, 'api'))).inputs).toBe(before.inputs);
});

test('Outside of git, and with changes that git does not have, it is the same', async () => {
  const [plain, dirty] = [scratch(), repositoryWith(FILES)];
  writeFiles(plain, FILES);
  for (const folder of [plain, dirty]) {
    const before = await take(folder);
    writeFiles(folder, CHANGED);
    expect((await take(folder)).inputs).toBe(before.inputs);
    writeFiles(folder, { 'a.js': 'A' });
    expect((await take(folder)).inputs).not.toBe(before.inputs);
  }
});

test('How long a build may take changes no inputs, and every other word of its section does', async () => {
  const folder = repositoryWith(FILES);
  const { inputs } = await take(folder);
  expect((await take(folder, { build: { ...plainBuild, timeoutMs: 1 } })).inputs).toBe(inputs);
  const others = [{ command: [['a']] }, { install: [] }, { variables: { A: 'b' } }, { static: ['dist'] }];
  for (const other of others)
    expect((await take(folder, { build: { ...plainBuild, ...other } })).inputs).not.toBe(inputs);
});

test('A source that is nothing but its spec is built from that', async () => {
  expect(await take(repositoryWith({ 'deployment.yaml': 'app: one\n' }))).not.toHaveProperty('apart');
});
