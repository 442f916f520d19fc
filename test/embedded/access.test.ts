import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { issue, makeAuthority } from '../../embedded/access/certificate';
import { accessFolder, clientKeys, ensureServerKeys, keyFiles } from '../../embedded/access/keys';
import { homeAt } from '../../system/home';
import type { Home } from '../../system/home';

const YEAR_MS = 365 * 24 * 3_600_000;

let folder: string;
let home: Home;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-keys-'));
  home = homeAt(path.join(folder, 'home'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a certificate is for its purpose, by its authority, on its names, and for its time', () => {
  const validity = { from: new Date('2025-01-01T00:00:00Z'), until: new Date('2051-02-03T04:05:06Z') };
  const authority = makeAuthority('mvca engine', validity);
  const ca = new X509Certificate(authority.certificate);
  const [server, client] = (['server', 'client'] as const).map(
    (purpose) => new X509Certificate(issue(authority, purpose, validity).certificate),
  ) as [X509Certificate, X509Certificate];
  expect([ca.ca, server.ca, client.ca]).toEqual([true, false, false]);
  expect([server, client].map((own) => own.verify(ca.publicKey) && own.checkIssued(ca))).toEqual([true, true]);
  expect(server.verify(new X509Certificate(makeAuthority('mvca engine', validity).certificate).publicKey)).toBe(false);
  expect([server.checkHost('localhost'), server.checkIP('127.0.0.1'), server.checkHost('evil.example')]).toEqual([
    'localhost',
    '127.0.0.1',
    undefined,
  ]);
  // ids of RFC 5280 4.2.1.12: serverAuth, clientAuth
  expect([server.keyUsage, client.keyUsage]).toEqual([['1.3.6.1.5.5.7.3.1'], ['1.3.6.1.5.5.7.3.2']]);
  expect([server.validFrom, server.validTo]).toEqual(['Jan  1 00:00:00 2025 GMT', 'Feb  3 04:05:06 2051 GMT']);
  expect(server.serialNumber).not.toBe(client.serialNumber);
});

test('keys are made once, for their account alone, and kept', async () => {
  const first = await ensureServerKeys(home);
  expect(await ensureServerKeys(home)).toEqual(first);
  expect((await clientKeys(home)).key).not.toBe(first.key);
  expect((await stat(accessFolder(home))).mode & 0o777).toBe(0o700);
  const { authority, certificate, key } = keyFiles(home);
  for (const file of [authority, certificate, key]) expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('keys that are nearly over, or not whole, are made anew', async () => {
  const first = await ensureServerKeys(home);
  const later = Date.now() + 9.5 * YEAR_MS;
  const second = await ensureServerKeys(home, later);
  expect(second.certificate).not.toBe(first.certificate);
  expect(Date.parse(new X509Certificate(second.certificate).validTo) - later).toBeGreaterThan(9 * YEAR_MS);
  const { certificate } = keyFiles(home);
  await writeFile(certificate, (await readFile(certificate, 'utf8')).slice(0, 200));
  expect((await ensureServerKeys(home, later)).certificate).not.toBe(second.certificate);
  await rm(accessFolder(home), { recursive: true });
  await expect(clientKeys(home)).rejects.toMatchObject({ code: 'ENOENT' });
  await ensureServerKeys(home);
});

test('keys that others may read are refused, and not made anew behind their back', async () => {
  await ensureServerKeys(home);
  await chmod(path.join(accessFolder(home), 'server.key'), 0o640);
  await expect(ensureServerKeys(home)).rejects.toThrow(/server\.key may be read or changed by others \(mode 640/);
});
