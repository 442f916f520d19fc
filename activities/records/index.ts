/** Records: written and read in PostgreSQL, by activities that may be repeated at any point. */
import type { Pool } from 'pg';
import type { AuditHead, KnownHead, ReportGone, ReportPlace } from '../../domain/records';
import { contentDigest } from '../../system/content-digest';
import type { Earlier, RecordActivities } from '../contract';
import type { IdentityActivities } from '../identity-contract';
import type { PastQuery, RecordQuery, RecordRequest } from '../record-query';
import { note, wordsOf } from '../../system/note';
import { BEGINNING } from '../../system/audit/chain';
import type { SecretEntry } from '../../system/secret-journal';
import { listAudit } from './audit/list';
import { appendSecretDeeds } from './audit/secrets';
import { rowsThatFit } from './audit/rows-that-fit';
import { readHead, rowsAfter, verifyAudit } from './audit/verify';
import { answeredWithin, inTransaction, READ_MS, reachable } from './database';
import { listDeployments, newestReport } from './deployments';
import { readDiagnosis } from './diagnosis';
import { changeFreezes } from './freezes/change';
import { readViews } from './freezes/read';
import { park, unpark, wakeParked } from './freezes/parked';
import { freezeStanding } from './freezes/standing';
import { readPhaseTimes } from './history';
import { changeIdentities } from './identities/change';
import { checkKeys, prove } from './identities/prove';
import { readIdentities } from './identities/read';
import { migrateRecords } from './migrate';
import { readPast } from './past';
import { changePolicy } from './policies/change';
import { readEnvironmentKept } from './policies/environments';
import { keepPolicy } from './policies/keep';
import { readPolicy } from './policies/read';
import { writeRecord } from './record';
import { storable } from './storable';

export { openRecords } from './database';

/** Verifying reads every row of the log. */
const VERIFY_MS = 15_000;

export interface RecordsDeps {
  readonly pool: Pool;
  /** The folder of a report on this machine; null: there is none. */
  readonly findReport: (of: Pick<ReportPlace, 'app' | 'version' | 'run'>) => Promise<string | null>;
  /** Heads of the audit log that were written down outside the database. */
  readonly knownHeads: () => Promise<readonly KnownHead[]>;
  /** Those of reports that were written on this machine and are gone. */
  readonly findGone?: (written: readonly ReportGone[]) => Promise<readonly ReportGone[]>;
  /** Gives what was done with secrets on this machine since the last time; missing: nobody writes that down. */
  readonly drainSecretDeeds?: (write: (entries: readonly SecretEntry[]) => Promise<void>) => Promise<void>;
  /** Base64 of the public key of this machine. */
  readonly machineKey: () => Promise<string>;
}

type Recorded =
  | 'record'
  | 'readHistory'
  | 'readPast'
  | 'readEarlier'
  | 'freezeStanding'
  | 'wakeParked'
  | 'changeFreezes'
  | 'inspectRecords'
  | 'keepPolicy'
  | 'keptEnvironment'
  | 'changePolicy'
  | Exclude<keyof IdentityActivities, 'anchorAudit'>;

export interface Records extends Pick<RecordActivities, Recorded> {
  /** For reports, which carry it. */
  auditHead(): Promise<AuditHead>;
  /** Brings the schema up to date; every other call does so by itself before its first use. */
  prepare(): Promise<void>;
}

/** Every call throws `RecordsUnavailable` while PostgreSQL is away: retryable, but final where a person waits for a read and gets no answer. */
export function createRecords(deps: RecordsDeps): Records {
  const { pool } = deps;
  let prepared: Promise<number> | null = null;
  const prepare = async (): Promise<void> => {
    prepared ??= migrateRecords(pool);
    try {
      await prepared;
    } catch (error) {
      prepared = null;
      throw error;
    }
  };
  const withSchema = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    reachable(doing, async () => {
      await prepare();
      return work();
    });
  /** The same for what a person waits for. */
  const reading = <T>(limitMs: number, doing: string, work: () => Promise<T>): Promise<T> =>
    answeredWithin(pool, limitMs, () => withSchema(doing, work));
  return {
    prepare: () => reachable('the records cannot be made ready', prepare),
    record: (request) => withSchema(`${request.deployment} cannot be recorded`, () => recordAll(deps, request)),
    changePolicy: (request) => withSchema('the policy cannot be changed', () => changePolicy(pool, request)),
    keepPolicy: (request) => withSchema('the policy cannot be read', () => keepPolicy(pool, request)),
    keptEnvironment: ({ app, environment }) =>
      withSchema('what it was deployed with cannot be read', () => readEnvironmentKept(pool, app, environment)),
    readHistory: ({ app }) => withSchema('earlier deployments cannot be read', () => readPhaseTimes(pool, app)),
    readPast: (query) => withSchema('earlier deployments cannot be read', () => readPast(pool, query)),
    readEarlier: (query) => withSchema('earlier deployments cannot be read', () => readEarlier(pool, query)),
    freezeStanding: (query) =>
      freezeStanding(
        {
          read: (app) => reading(READ_MS, 'freezes cannot be read', () => readViews(pool, app, new Date())),
          park: (app) => reading(READ_MS, 'it cannot be written that it is parked', () => park(pool, app)),
          unpark: (place) => reading(READ_MS, 'it cannot be written that it goes on', () => unpark(pool, place)),
        },
        query,
      ),
    wakeParked: (query) => withSchema('parked deployments cannot be read', () => wakeParked(pool, query)),
    changeFreezes: (request) => withSchema('freezes cannot be written', () => changeFreezes(pool, request)),
    proveStatement: (request) =>
      withSchema('nobody can say whose signature it is', () =>
        inTransaction(pool, 'BEGIN', (client) => prove(client, storable(request))),
      ),
    proveRequest: ({ content, statement, ...request }) =>
      withSchema('nobody can say who asked for it', () =>
        inTransaction(pool, 'BEGIN', (client) =>
          prove(client, storable({ ...request, statement: { ...statement, digest: contentDigest(content) } })),
        ),
      ),
    checkKeys: (uses) => withSchema('nobody can say whose keys count', () => checkKeys(pool, uses)),
    changeIdentities: (request) => withSchema('identities cannot be written', () => changeIdentities(deps, request)),
    inspectRecords: (query) =>
      reading(query.kind === 'verify-audit' ? VERIFY_MS : READ_MS, 'the records cannot be read', () =>
        inspectTaken(deps, query),
      ),
    auditHead: () => withSchema('the head of the audit log cannot be read', () => headOf(pool)),
  };
}

const readEarlier = async (pool: Pool, query: PastQuery): Promise<Earlier> => ({
  history: await readPhaseTimes(pool, query.app),
  past: await readPast(pool, query),
});

const headOf = async (pool: Pool): Promise<AuditHead> => (await readHead(pool)) ?? { rows: 0, hash: BEGINNING };

const takeSecretDeeds = async ({ pool, drainSecretDeeds }: RecordsDeps): Promise<void> =>
  drainSecretDeeds?.((entries) => inTransaction(pool, 'BEGIN', (client) => appendSecretDeeds(client, entries)));

async function recordAll(deps: RecordsDeps, request: RecordRequest): Promise<void> {
  await writeRecord(deps.pool, request);
  // Whoever reads the log is told why it cannot be; a deployment does not wait for it, and they stay in their journal.
  await takeSecretDeeds(deps).catch((error: unknown) =>
    note(`what was done with secrets is not in the audit log yet: ${wordsOf(error)}`),
  );
}

const OF_THE_LOG: ReadonlySet<RecordQuery['kind']> = new Set(['audit', 'verify-audit', 'audit-rows']);

async function inspectTaken(deps: RecordsDeps, query: RecordQuery): Promise<unknown> {
  if (OF_THE_LOG.has(query.kind)) await takeSecretDeeds(deps);
  return inspect(deps, query);
}

async function inspect({ pool, findReport, knownHeads, findGone }: RecordsDeps, query: RecordQuery): Promise<unknown> {
  switch (query.kind) {
    case 'deployments':
      return listDeployments(pool, query.app, query.limit);
    case 'audit':
      return listAudit(pool, query.app, query.limit);
    case 'freezes':
      return readViews(pool, query.app ?? undefined, new Date());
    case 'policy':
      return readPolicy(pool, query.app);
    case 'identities':
      return readIdentities(pool);
    case 'verify-audit':
      return verifyAudit(pool, {
        known: [...(await knownHeads()), ...(query.anchors ?? [])],
        ...(findGone && { findGone }),
      });
    case 'audit-rows':
      return rowsThatFit(await rowsAfter(pool, query.after, 500));
    case 'diagnosis':
      return readDiagnosis(pool, query);
    case 'report': {
      const place = await newestReport(pool, query.app, query.version);
      return place && { ...place, folder: place.folder ?? (await findReport(place)) };
    }
  }
}
