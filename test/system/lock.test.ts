import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isLocked, isLockFile, tryLock, withLock } from '../../system/lock';
import { removeScratch, scratch } from '../support/scratch';

const folder = scratch();
const locks = require.resolve('../../dist/system/lock.js');
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  removeScratch();
});

/** Runs `script` in a process of its own, with `lock` for the module and `name` for what is locked. */
function startProcess(name: string, script: string): ChildProcess {
  const code = `const lock = require(process.argv[1]), name = process.argv[2];(async () => {${script}})();`;
  const child = spawn(process.execPath, ['-e', code, locks, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

const HOLD = 'await lock.tryLock(name); console.log("held"); setInterval(() => undefined, 1000);';

test('a lock has one holder, and the next one once it is given back', async () => {
  const name = path.join(folder, 'one');
  const first = await tryLock(name);
  expect([first !== null, await tryLock(name), isLocked(name)]).toEqual([true, null, true]);
  await first?.release();
  await first?.release();
  expect([isLocked(name), existsSync(path.join(folder, '.one.lock'))]).toEqual([false, false]);
  const next = await tryLock(name);
  expect(next).not.toBeNull();
  await next?.release();
});

test('a lock goes with a process that is killed, and what it leaves behind is in nobody’s way', async () => {
  const name = path.join(folder, 'killed');
  const child = startProcess(name, HOLD);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  expect([isLocked(name), await tryLock(name)]).toEqual([true, null]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isLocked(name)).toBe(false);
  const lock = await tryLock(name);
  expect(lock).not.toBeNull();
  await lock?.release();
});

test('no two of six processes hold it at a time in 240 turns', async () => {
  const name = path.join(folder, 'counted');
  const counter = path.join(folder, 'counter');
  writeFileSync(counter, '0');
  const count = `const fs = require('node:fs'), counter = ${JSON.stringify(counter)};
    for (let turns = 0; turns < 40; ) {
      const held = await lock.tryLock(name);
      if (held !== null) {
        const value = Number(fs.readFileSync(counter, 'utf8'));
        await new Promise((resolve) => setImmediate(resolve));
        fs.writeFileSync(counter, String(value + 1));
        await held.release();
        turns += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
    }`;
  const counting = Array.from({ length: 6 }, () => startProcess(name, count));
  await Promise.all(counting.map((child) => once(child, 'exit')));
  expect([readFileSync(counter, 'utf8'), counting.map(({ exitCode }) => exitCode)]).toEqual(['240', Array(6).fill(0)]);
});

test('who only looks keeps nobody from taking it', async () => {
  const name = path.join(folder, 'watched');
  const watcher = startProcess(name, 'console.log("looking"); for (;;) lock.isLocked(name);');
  await once(watcher.stdout as NodeJS.ReadableStream, 'data');
  for (let n = 0; n < 300; n += 1) {
    const lock = await tryLock(name);
    expect(lock).not.toBeNull();
    await lock?.release();
  }
});

test('its file is its owner’s alone, in a folder that is made when it is missing', async () => {
  const name = path.join(folder, 'new', 'deep');
  const lock = await tryLock(name);
  expect(statSync(path.join(folder, 'new', '.deep.lock')).mode & 0o777).toBe(0o600);
  expect(readdirSync(path.join(folder, 'new')).filter((entry) => !isLockFile(entry))).toEqual([]);
  await lock?.release();
});

test('a link in its place is not followed', async () => {
  const target = path.join(folder, 'target');
  symlinkSync(target, path.join(folder, '.linked.lock'));
  await expect(tryLock(path.join(folder, 'linked'))).rejects.toThrow(/ELOOP/);
  expect(existsSync(target)).toBe(false);
});

test('waiting for it ends, and says for whom', async () => {
  const name = path.join(folder, 'long');
  const lock = await tryLock(name);
  await expect(withLock(name, 100, () => Promise.resolve())).rejects.toMatchObject({ code: 'ELOCKED' });
  await lock?.release();
  await expect(withLock(name, 100, () => Promise.resolve('done'))).resolves.toBe('done');
});
