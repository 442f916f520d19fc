import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createReports } from '../../../activities/reports';
import type { Reports } from '../../../activities/reports';
import type { AuditHead } from '../../../domain/records';
import { signedText } from '../../../domain/records';
import type { JsonReport } from '../../../domain/reports/json';
import { homeAt } from '../../../system/home';
import type { Home } from '../../../system/home';
import { isSigned } from '../../../system/signing';
import { ROLLED_BACK } from '../../domain/reports/deployment';

let home: Home;
let head: AuditHead;
let reports: Reports;

beforeEach(async () => {
  home = homeAt(await mkdtemp(path.join(os.tmpdir(), 'mvca-reports-')));
  head = { rows: 12, hash: 'ab'.repeat(32) };
  reports = createReports({ home, auditHead: async () => head });
});
afterEach(() => rm(home.root, { recursive: true, force: true }));

const read = async (folder: string): Promise<JsonReport> =>
  JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8')) as JsonReport;

test('one folder holds the report in three forms, for this user alone', async () => {
  const folder = await reports.writeReport(ROLLED_BACK);
  expect(folder).toBe(path.join(home.reports, 'shop', '1.2.0-3c4d5e6f'));
  expect((await readdir(folder)).sort()).toEqual(['report.html', 'report.json', 'report.md']);
  expect((await stat(path.join(folder, 'report.html'))).mode & 0o777).toBe(0o600);
  expect(await reports.findReport(ROLLED_BACK)).toBe(folder);
});

test('written again it is the same', async () => {
  const folder = await reports.writeReport(ROLLED_BACK);
  const all = () =>
    Promise.all(['html', 'md', 'json'].map((form) => readFile(path.join(folder, `report.${form}`), 'utf8')));
  const before = await all();
  expect(await reports.writeReport(ROLLED_BACK)).toBe(folder);
  expect(await all()).toEqual(before);
});

test.each(['../../etc', '-rf /', 'v1\n2 "x"', '', '..', 'x'.repeat(500)])(
  'a version of %j stays in its folder',
  async (version) => {
    const folder = await reports.writeReport({ ...ROLLED_BACK, version });
    expect(path.dirname(folder)).toBe(path.join(home.reports, 'shop'));
    expect(path.basename(folder)).toMatch(/^[A-Za-z0-9_+][A-Za-z0-9._+-]*$/);
  },
);

test('it carries the head of the audit log with a signature that fits, and the head is known afterwards', async () => {
  const folder = await reports.writeReport(ROLLED_BACK);
  const { audit } = await read(folder);
  expect(audit).toMatchObject(head);
  expect(isSigned(signedText(head), audit!)).toBe(true);
  expect(isSigned(signedText({ ...head, rows: 11 }), audit!)).toBe(false);
  expect(await reports.knownHeads()).toEqual([{ ...head, from: folder }]);
});

test('a head that this machine did not sign, and what is no report, say nothing', async () => {
  const folder = await reports.writeReport(ROLLED_BACK);
  const report = await read(folder);
  const file = path.join(folder, 'report.json');
  await writeFile(file, JSON.stringify({ ...report, audit: { ...report.audit, rows: 99 } }));
  expect(await reports.knownHeads()).toEqual([]);
  await writeFile(file, 'not JSON');
  expect(await reports.knownHeads()).toEqual([]);
});

test('a report is written while the records are away, and says so', async () => {
  const away = createReports({ home, auditHead: () => Promise.reject(new Error('away')) });
  const folder = await away.writeReport(ROLLED_BACK);
  expect((await read(folder)).audit).toBeNull();
  expect(await readFile(path.join(folder, 'report.md'), 'utf8')).toContain('could not be read');
});

test('what was never written is not found', async () => {
  expect(await reports.findReport(ROLLED_BACK)).toBeNull();
  expect(await reports.knownHeads()).toEqual([]);
});
