/** What a command in a sandbox sees, whatever the folders are called and however the mounts had to be made. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment, runCommand } from '../../../system/run-command';
import { FIRST_ACCOUNT, ourselves, sandboxed, sandboxProblem } from '../../../system/sandbox/sandbox';
import { same, type Shown } from '../../../system/sandbox/view';
import { removeScratch, scratch, sharedFolder } from '../../support/scratch';

afterAll(removeScratch);

const account = process.getuid?.() === 0 ? { uid: FIRST_ACCOUNT, gid: FIRST_ACCOUNT } : ourselves();

async function linesOf(script: string, shown: readonly Shown[], processes = 1_000): Promise<readonly string[]> {
  const { argv, env } = sandboxed({
    argv: ['sh', '-c', script],
    env: cleanEnvironment(),
    cwd: '/',
    account,
    root: scratch(),
    shown,
    hidden: [],
    network: true,
    processes,
  });
  const { tail } = await runCommand({ argv, cwd: '/', env, timeoutMs: 30_000 });
  return tail;
}

const WRITE =
  'for each in "$ro" "$rw"; do if touch "$each/new" 2>/dev/null; then echo wrote; else echo refused; fi; done';

test.each([
  ['at once', []],
  ['one by one, since a file is shown where none is', ['/run/shown/file']],
])('A sandbox shows folders of any name as they are meant, mounted %s', async (_how, files) => {
  if ((await sandboxProblem()) !== null) return;
  const odd = path.join(sharedFolder(), 'a b#c\td\\040é');
  mkdirSync(odd);
  const kept = path.join(odd, 'kept');
  writeFileSync(kept, 'words\n', { mode: 0o644 });
  const own = sharedFolder();
  const shown = [
    same('ro', odd),
    same('rw', own),
    ...files.map((place): Shown => ({ kind: 'ro', source: kept, place })),
  ];
  const script = `ro='${odd}'; rw='${own}'; cat "$ro/kept" ${files.join(' ')}; ${WRITE}; [ -c /dev/null ] && [ -w /dev/shm ] && [ -d /proc/self ] && echo devices`;
  const words = [...files, 'kept'].map(() => 'words');
  expect(await linesOf(script, shown)).toEqual([...words, 'refused', 'wrote', 'devices']);
});

test('A later one covers an earlier one, also below a folder for temporary files that is shown as /tmp', async () => {
  if ((await sandboxProblem()) !== null) return;
  const [temporary, inside] = [sharedFolder(), sharedFolder()];
  writeFileSync(path.join(inside, 'kept'), 'words\n', { mode: 0o644 });
  const shown: Shown[] = [{ kind: 'rw', source: temporary, place: '/tmp' }, same('rw', inside)];
  expect(await linesOf(`cat ${inside}/kept; ls ${temporary} 2>/dev/null || echo hidden`, shown)).toEqual([
    'words',
    'hidden',
  ]);
});

test('No more processes run in it than its account may have, and it tells who wants more', async () => {
  if ((await sandboxProblem()) !== null || process.getuid?.() !== 0) return;
  const script = `node -e "
    const cp = require('child_process');
    const tries = Array.from({ length: 60 }, () => new Promise((resolve) => {
      const child = cp.spawn('sleep', ['20']);
      child.on('spawn', () => resolve('runs')).on('error', ({ code }) => resolve(code));
    }));
    Promise.all(tries).then((all) => {
      console.log([...new Set(all)].sort().join());
      console.log(all.filter((each) => each === 'runs').length < 40 ? 'less than 40' : 'too many');
      process.exit(0);
    });"`;
  expect(await linesOf(script, [], 40)).toEqual(['EAGAIN,runs', 'less than 40']);
});
