/** A source that cannot be read is one failure of its own deployment, in words, and never the end of the worker. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openObjects } from '../../activities/source/objects';
import { createSourceActivities } from '../../activities/source';
import { gitIn as gitOf } from '../../system/git';
import { homeAt } from '../../system/home';
import { failureOf, inActivity } from '../support/in-activity';
import { gitIn, plainBuild, removeScratch, repositoryWith, scratch } from '../support/scratch';

afterAll(removeScratch);

const take = (directory: string) =>
  inActivity(() =>
    createSourceActivities({ home: homeAt(path.join(scratch(), 'home')) }).snapshotSource({
      directory,
      version: null,
      dirty: false,
      git: false,
      build: plainBuild,
    }),
  );

test.each(['server.js', '.gitattributes'])(
  'An object of %s that git lacks is told at once, and for good',
  async (name) => {
    const folder = repositoryWith({ 'server.js': 'let it = 1;', '.gitattributes': '* text', 'z.js': 'z' });
    const id = gitIn(folder, 'rev-parse', `HEAD:${name}`);
    rmSync(path.join(folder, '.git/objects', id.slice(0, 2), id.slice(2)));
    expect(await failureOf(take(folder))).toEqual({
      type: 'NoSource',
      message: expect.stringMatching(new RegExp(`the repository lacks an object: ${id} missing\\. Next: git fsck`)),
      final: true,
    });
  },
);

test('A stream of git that breaks before anybody reads it is told to who reads, and to nobody else', async () => {
  const git = await gitOf(repositoryWith({ 'a.js': 'a' }));
  let child: ReturnType<typeof git.start> | undefined;
  const objects = openObjects({ ...git, start: (args) => (child = git.start(args)) });
  for (const stream of [child?.stdin, child?.stdout, child?.stderr]) stream?.destroy(new Error('it broke'));
  child?.emit('error', new Error('it cannot be ended'));
  await sleep(20);
  await expect(objects.read('HEAD:a.js')).rejects.toThrow('it broke');
});

/** As another account, where this one may read everything. */
function takenByNobody(folder: string): string {
  const dist = path.join(__dirname, '../../dist');
  const script = `
    const { MockActivityEnvironment } = require('@temporalio/testing');
    const { createSourceActivities } = require(${JSON.stringify(path.join(dist, 'activities/source'))});
    const { homeAt } = require(${JSON.stringify(path.join(dist, 'system/home'))});
    const request = { directory: ${JSON.stringify(folder)}, version: null, dirty: false, git: false, build: ${JSON.stringify(plainBuild)} };
    const environment = new MockActivityEnvironment();
    environment
      .run(() => createSourceActivities({ home: homeAt(${JSON.stringify(path.join(folder, '../home'))}) }).snapshotSource(request))
      .catch((error) => console.log(error.type + ' ' + error.nonRetryable + ' ' + error.message));`;
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  return execFileSync(process.execPath, ['-e', script], {
    cwd: path.join(__dirname, '../..'),
    encoding: 'utf8',
    ...asNobody,
  });
}

test.each([
  ['file', 'locked.txt'],
  ['folder', 'locked'],
])('A %s that the account may not read is told at once, and for good', (kind, name) => {
  const root = scratch();
  const folder = path.join(root, 'app');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'server.js'), 'x');
  const locked = path.join(folder, name);
  if (kind === 'file') writeFileSync(locked, 'x');
  else mkdirSync(locked);
  chmodSync(locked, 0o000);
  chmodSync(root, 0o777);
  expect(takenByNobody(folder)).toMatch(
    new RegExp(`^NoSource true .* ${name} cannot be read: permission denied\\. Next: `),
  );
});
