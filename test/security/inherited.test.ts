/** A descriptor that whoever ran `mvca up` had open: releases of other accounts had it, too, a pipe of the caller's that could be written to. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

const ROOT = path.join(__dirname, '../..');
const folder = scratch();
writeFiles(folder, { lock: 'planted' });
afterAll(removeScratch);

/** What a program that Node starts finds open as descriptor 200, after the given lines. */
const seenByChild = (lines: string): string => {
  const script = `${lines}; console.log(require('child_process').execFileSync('sh', ['-c', 'cat /proc/self/fd/200 2>&1 || true']).toString())`;
  const shell = 'exec 200<"$1"; shift; exec "$@"';
  return execFileSync('bash', [
    '-c',
    shell,
    'sh',
    path.join(folder, 'lock'),
    process.execPath,
    '-e',
    script,
  ]).toString();
};

test('Node hands it on, and nothing does once it was closed', () => {
  expect(seenByChild('1')).toContain('planted');
  const closed = seenByChild(
    `require(${JSON.stringify(path.join(ROOT, 'dist/system/inherited.js'))}).closeInherited()`,
  );
  expect(closed).toMatch(/No such file/);
});

/** Everything else is started by one of these. */
test.each(['embedded/supervisor/main.ts', 'host/keeper/main.ts', 'worker/main.ts'])(
  '%s closes it first of all',
  (file) => {
    const [, main = ''] = readFileSync(path.join(ROOT, file), 'utf8').split('async function main');
    expect(main.split('\n')[1]).toBe('  closeInherited();');
  },
);
