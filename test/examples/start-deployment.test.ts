import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from '@swc/core';
import { deploymentId } from '../../workflows/messages';
import { appFolder, createStand, type Stand } from '../client/stand';
import { removeScratch, scratch } from '../support/scratch';

const ROOT = path.join(__dirname, '../..');
let stand: Stand;
beforeAll(async () => {
  stand = await createStand();
}, 60_000);
afterAll(async () => {
  await stand.stop();
  removeScratch();
});

/** As an engineer would run it, with the built package behind its import. */
function compiled(): string {
  const filename = path.join(ROOT, 'examples/start-deployment.ts');
  const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, configFile: path.join(ROOT, '.swcrc') });
  const file = path.join(scratch(), 'start-deployment.js');
  writeFileSync(file, code.replace('"../client"', JSON.stringify(path.join(ROOT, 'dist/client'))));
  return file;
}

test('the example starts a deployment, follows it and says how it ended', async () => {
  const { PATH = '', HOME = '' } = process.env;
  const running = promisify(execFile)(process.execPath, [compiled(), appFolder('example')], {
    env: { PATH, HOME, ...stand.env },
  });
  const end = async (): Promise<void> => {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
      const found = await stand.client.workflow
        .getHandle(deploymentId('example'))
        .describe()
        .catch(() => null);
      if (found !== null) return stand.end('example', { reason: 'nothing to do' });
    }
  };
  const [{ stdout }] = await Promise.all([running, end()]);
  expect(stdout).toMatch(/^follow it at http:\/\/ui\.example\.com\//);
  expect(stdout).toMatch(/succeeded nothing to do\n$/);
}, 60_000);
