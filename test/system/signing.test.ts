import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { homeAt } from '../../system/home';
import type { Home } from '../../system/home';
import { isSigned, machinePublicKey, signText } from '../../system/signing';

let home: Home;
beforeEach(async () => {
  home = homeAt(await mkdtemp(path.join(os.tmpdir(), 'mvca-signing-')));
});
afterEach(() => rm(home.root, { recursive: true, force: true }));

test('what a machine signed is told from everything else', async () => {
  const signed = await signText(home, 'head 12');
  expect(signed.key).toBe(await machinePublicKey(home));
  expect(isSigned('head 12', signed)).toBe(true);
  expect(isSigned('head 13', signed)).toBe(false);
  expect(isSigned('head 12', { ...signed, signature: 'AAAA' })).toBe(false);
  expect(isSigned('head 12', { key: 'no key', signature: '' })).toBe(false);
});

test('those who sign first at once agree on one key, which is kept sealed', async () => {
  const keys = await Promise.all([1, 2, 3, 4].map(() => machinePublicKey(home)));
  expect(new Set(keys).size).toBe(1);
  expect(await readFile(path.join(home.secrets, 'signing.sealed'), 'utf8')).not.toContain('PRIVATE');
});
