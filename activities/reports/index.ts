/** Reports: one folder a deployment, with the same report as HTML, Markdown and JSON. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AuditHead, KnownHead, ReportGone, ReportPlace, SignedHead } from '../../domain/records';
import { signedText } from '../../domain/records';
import { htmlReport } from '../../domain/reports/html';
import { visibleJson } from '../../domain/visible';
import { jsonReport } from '../../domain/reports/json';
import type { JsonReport } from '../../domain/reports/json';
import { markdownReport } from '../../domain/reports/markdown';
import { readJson, writeDurably } from '../../system/durable-file';
import type { Home } from '../../system/home';
import { ifMissing } from '../../system/missing';
import { isSigned, machinePublicKey, signText } from '../../system/signing';
import type { RecordActivities } from '../contract';
import { reportFolder } from './folder';

export interface ReportsDeps {
  readonly home: Home;
  /** The head of the audit log as it is now. */
  readonly auditHead: () => Promise<AuditHead>;
}

export interface Reports extends Pick<RecordActivities, 'writeReport'> {
  /** The folder of a deployment's report; null where there is none on this machine. */
  findReport(of: Pick<ReportPlace, 'app' | 'version' | 'run'>): Promise<string | null>;
  /** The heads of the audit log that reports on this machine carry, signed by this machine. */
  knownHeads(): Promise<readonly KnownHead[]>;
  /** Which of these are to lie in this home and do not. */
  findGone(written: readonly ReportGone[]): Promise<readonly ReportGone[]>;
}

/** Written again, a report is replaced whole. A report is written without the audit log's head rather than not at all. */
export function createReports({ home, auditHead }: ReportsDeps): Reports {
  return {
    writeReport: async (status) => {
      const folder = reportFolder(home, status);
      const head = await signedHead(home, auditHead);
      const report = { ...status, report: folder };
      await writeDurably(path.join(folder, 'report.html'), htmlReport(report, head));
      await writeDurably(path.join(folder, 'report.md'), markdownReport(report, head));
      await writeDurably(path.join(folder, 'report.json'), `${visibleJson(jsonReport(report, head), 2)}\n`);
      return folder;
    },
    findReport: async (of) => {
      const folder = reportFolder(home, of);
      const written = await stat(path.join(folder, 'report.json')).catch(ifMissing(null));
      return written === null ? null : folder;
    },
    knownHeads: () => readHeads(home),
    findGone: (written) => gone(home, written),
  };
}

async function signedHead(home: Home, auditHead: () => Promise<AuditHead>): Promise<SignedHead | null> {
  const head = await auditHead().catch(() => null); // said in the report
  return head && { ...head, ...(await signText(home, signedText(head))) };
}

async function gone(home: Home, written: readonly ReportGone[]): Promise<readonly ReportGone[]> {
  const here = written.filter(({ folder }) => folder.startsWith(`${home.reports}${path.sep}`));
  const found = await Promise.all(
    here.map(({ folder }) => stat(path.join(folder, 'report.json')).catch(ifMissing(null))),
  );
  return here.filter((_, index) => found[index] === null);
}

async function readHeads(home: Home): Promise<KnownHead[]> {
  const key = await machinePublicKey(home);
  const heads: KnownHead[] = [];
  for (const folder of await reportFolders(home)) {
    const report = await readJson<JsonReport>(path.join(folder, 'report.json')).catch(() => null); // not ours any more: no head
    const head = report?.audit;
    if (head == null || head.key !== key || !isSigned(signedText(head), head)) continue;
    heads.push({ rows: head.rows, hash: head.hash, from: folder });
  }
  return heads;
}

async function reportFolders(home: Home): Promise<string[]> {
  const inside = async (folder: string): Promise<string[]> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(ifMissing([]));
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(folder, name));
  };
  return (await Promise.all((await inside(home.reports)).map(inside))).flat();
}
