/** Another account of the machine wants to keep an engine, a keeper or a router from starting by being first at its lock. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { supervisorLock } from '../../embedded/places';
import { homeAt, routerFolder } from '../../system/home';
import { keeperLock } from '../../system/keeper';
import { tryLock } from '../../system/lock';
import { socketLock } from '../../system/units';
import { isRoot, NOBODY } from '../support/accounts';
import { removeScratch, scratch } from '../support/scratch';

const root = scratch();
const home = homeAt(path.join(root, 'home'));
let thief: ChildProcess | undefined;
beforeAll(() => chmodSync(root, 0o755)); // nothing but the home itself keeps others out
afterEach(() => thief?.kill('SIGKILL'));
afterAll(removeScratch);

const router = routerFolder(home, 'shop', 'production');
const LOCKS: readonly (readonly [string, string])[] = [
  ['the engine', supervisorLock(home)],
  ['the keeper', keeperLock(home)],
  ['a router', router],
  ['the address of a router', socketLock(router)],
];

const asRoot = isRoot ? test : test.skip;
if (!isRoot) test.skip('not tried: only root can run a program as another account', () => undefined);
for (const [what, name] of LOCKS)
  asRoot(
    `the lock of ${what} can be taken by its owner, whatever another account did before and does meanwhile`,
    async () => {
      const script = require.resolve('../fixtures/embedded/take-lock.js');
      for (const moment of ['before it was ever held', 'after it was held']) {
        thief = spawn(process.execPath, [script, name, '0'], { uid: NOBODY, gid: NOBODY, cwd: '/', stdio: 'pipe' });
        const [said] = (await once(thief.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
        expect([moment, JSON.parse(String(said))]).toEqual([moment, []]);
        const lock = await tryLock(name);
        expect(lock).not.toBeNull();
        await lock?.release();
        thief.kill('SIGKILL');
      }
    },
  );
