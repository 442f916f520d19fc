/** What another account puts in the way of a home. Processes that look like those of a home's engine: they were waited for without end where they may not be ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { homeFolder } from '../../embedded/doctor/engine';
import { SUPERVISED, processesOf } from '../../embedded/processes';
import { temporalFile } from '../../embedded/places';
import { homeAt } from '../../system/home';
import { isRoot, NOBODY } from '../support/accounts';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  removeScratch();
});

const root = scratch();
const home = homeAt(path.join(root, 'home'));
const gate = path.join(root, 'embedded', 'gate', 'main.js');
mkdirSync(home.root, { mode: 0o700 });
writeFiles(root, { 'embedded/gate/main.js': 'setInterval(() => undefined, 1e6); console.log("up")' });
chmodSync(root, 0o755);

/** One of each, by the words that engines of homes are known by. */
async function startLookAlikes(account: number | null): Promise<void> {
  const kinds = [
    { argv0: 'node', more: [home.root], env: {} },
    { argv0: 'node', more: ['start-dev', temporalFile(home)], env: {} },
    { argv0: 'mvca-worker', more: [], env: { [SUPERVISED]: home.root } },
    { argv0: 'mvca-supervisor', more: [], env: { MVCA_HOME: home.root } },
  ];
  for (const { argv0, more, env } of kinds) {
    const as = account === null ? {} : { uid: account, gid: account };
    const child = spawn(process.execPath, [gate, ...more], {
      argv0,
      env,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
      ...as,
    });
    started.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
  }
}

async function found(): Promise<Record<string, number>> {
  const all = await processesOf(home);
  return Object.fromEntries(Object.entries(all).map(([name, { length }]) => [name, length]));
}
const NONE = { gate: 0, temporal: 0, worker: 0, supervisor: 0, postgres: 0, backends: 0 };

(isRoot ? test : test.skip)(
  'those of another account are none of the home (as root only: who else can start them)',
  async () => {
    await startLookAlikes(NOBODY);
    expect(await found()).toEqual(NONE);
  },
);

test('those of its owner are, as the engine left behind would be, also when the home is gone', async () => {
  await startLookAlikes(null);
  expect(await found()).toEqual({ ...NONE, gate: 1, temporal: 1, worker: 1, supervisor: 1 });
  rmSync(home.root, { recursive: true });
  expect(await found()).toEqual({ ...NONE, gate: 1, temporal: 1, worker: 1, supervisor: 1 });
});

test.each([
  ['everybody may write to', (folder: string) => chmodSync(folder, 0o777), /may be written to by everybody/],
  ...(isRoot
    ? ([
        ['belongs to another account', (folder: string) => chownSync(folder, NOBODY, NOBODY), /belongs to .* 65534/],
      ] as const)
    : []),
] as const)('the doctor tells of a folder above the home that %s', async (_title, open, words) => {
  const above = scratch();
  const inside = homeAt(path.join(above, 'of', 'mine', 'home'));
  expect(await homeFolder(inside)).toMatchObject({ level: 'ok' });
  mkdirSync(inside.root, { recursive: true, mode: 0o700 });
  expect(await homeFolder(inside)).toMatchObject({ level: 'ok' });
  open(path.join(above, 'of'));
  expect(await homeFolder(inside)).toMatchObject({ level: 'warning', text: expect.stringMatching(words) as string });
});
