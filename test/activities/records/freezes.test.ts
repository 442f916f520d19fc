import { ApplicationFailure } from '@temporalio/common';
import type { Pool } from 'pg';
import { createRecords, type Records } from '../../../activities/records';
import { freezeStanding } from '../../../activities/records/freezes/standing';
import { windowsOf } from '../../../activities/records/freezes/windows';
import type { FreezeChange, FreezeStanding, FreezeTime, FreezeView } from '../../../domain/freezes/freeze';
import { failureOf, inActivity } from '../../support/in-activity';
import { startServer, type TestServer } from './database';

const HOUR = 3_600_000;

describe('windows by cron', () => {
  const weekend: FreezeTime = {
    kind: 'cron',
    cron: '0 16 * * FRI',
    durationMs: 64 * HOUR,
    timeZone: 'Europe/Berlin',
  };
  const at = (time: FreezeTime, now: string): readonly string[] => {
    const found = windowsOf(time, new Date(now));
    if (found.kind === 'problem') throw new Error(found.problem);
    return found.windows.map(({ from, until }) => `${from.slice(0, 16)} ${until.slice(0, 16)}`);
  };

  test('five of them, on the clock of their zone, over the end of summer time', () => {
    expect(at(weekend, '2026-10-20T00:00:00Z')).toEqual([
      '2026-10-23T14:00 2026-10-26T06:00',
      '2026-10-30T15:00 2026-11-02T07:00',
      '2026-11-06T15:00 2026-11-09T07:00',
      '2026-11-13T15:00 2026-11-16T07:00',
      '2026-11-20T15:00 2026-11-23T07:00',
    ]);
  });

  test('one that began before and is not over comes first, up to its last moment', () => {
    expect(at(weekend, '2026-10-26T05:59:59Z')[0]).toBe('2026-10-23T14:00 2026-10-26T06:00');
    expect(at(weekend, '2026-10-26T06:00:00Z')[0]).toBe('2026-10-30T15:00 2026-11-02T07:00');
  });

  test('an hour that the clock leaves out comes due all the same', () => {
    const night: FreezeTime = { ...weekend, cron: '30 2 * * *', durationMs: HOUR };
    expect(at(night, '2027-03-27T12:00:00Z').slice(0, 2)).toEqual([
      '2027-03-28T01:00 2027-03-28T02:00',
      '2027-03-29T00:30 2027-03-29T01:30',
    ]);
  });

  test('those that touch are one, as far as it is not over', () => {
    const office: FreezeTime = { kind: 'cron', cron: '0 9-16 * * 1-5', durationMs: HOUR, timeZone: 'UTC' };
    expect(at(office, '2026-11-23T10:30:00Z').slice(0, 2)).toEqual([
      '2026-11-23T10:00 2026-11-23T17:00',
      '2026-11-24T09:00 2026-11-24T17:00',
    ]);
  });

  test.each([
    ['0 16 * * FRX', 'Europe/Berlin', /FRX/],
    ['0 16 * * FRI', 'Europe/Berlinn', /timezone|time zone/i],
    ['0 * * * *', 'UTC', /for ever/],
  ])('%s in %s is a problem, in words', (cron, timeZone, words) => {
    const found = windowsOf({ ...weekend, cron, timeZone }, new Date('2026-10-20T00:00:00Z'));
    expect(found).toMatchObject({ kind: 'problem', problem: expect.stringMatching(words) as string });
  });
});

describe('kept freezes', () => {
  let server: TestServer;
  let pool: Pool;
  let records: Records;
  beforeAll(async () => {
    server = await startServer();
    pool = await server.fresh();
    records = createRecords({
      pool,
      findReport: async () => null,
      knownHeads: async () => [],
      machineKey: async () => '',
    });
  });
  afterAll(() => server?.stop());

  let runs = 0;
  const asked = (change: FreezeChange) => ({
    deployment: 'freeze/x',
    run: `run-${String(++runs).padStart(8, '0')}`,
    at: new Date().toISOString(),
    change,
  });
  const once = (app: string | null, ms = HOUR): FreezeChange => ({
    kind: 'freeze',
    app,
    by: 'ana',
    reason: 'the sale',
    time: { kind: 'once', from: new Date().toISOString(), until: new Date(Date.now() + ms).toISOString() },
  });
  const standing = (app: string) => inActivity(() => records.freezeStanding({ app, known: null }));
  const unfreeze = (app: string | null): FreezeChange => ({ kind: 'unfreeze', app, id: null, by: 'bo', reason: null });

  test('one of an application holds that one, one of all holds each; who made and ended them stands in the audit log', async () => {
    const first = asked(once('shop'));
    const made = await records.changeFreezes(first);
    expect(await records.changeFreezes(first)).toMatchObject({ changed: [{ id: made.changed[0]?.id }] });
    expect(await standing('shop')).toMatchObject({ kind: 'known', inForce: { by: 'ana', reason: 'the sale' } });
    expect(await standing('mail')).toMatchObject({ inForce: null });
    await records.changeFreezes(asked(once(null)));
    expect(await standing('mail')).toMatchObject({ inForce: { app: null } });
    const last = asked(unfreeze('shop'));
    expect((await records.changeFreezes(last)).changed).toHaveLength(1);
    expect((await records.changeFreezes(last)).changed).toHaveLength(1);
    expect(await standing('shop')).toMatchObject({ inForce: { app: null } });
    await records.changeFreezes(asked(unfreeze(null)));
    expect(await standing('shop')).toMatchObject({ inForce: null });
    const { rows } = await pool.query<{ app: string; actor: string; action: string }>(
      'SELECT app, actor, action FROM mvca.audit ORDER BY row',
    );
    expect(rows.map(({ app, actor, action }) => `${app} ${actor} ${action}`)).toEqual([
      'shop ana freeze.made',
      '* ana freeze.made',
      'shop bo freeze.ended',
      '* bo freeze.ended',
    ]);
    expect(await records.inspectRecords({ kind: 'verify-audit' })).toMatchObject({ ok: true });
  });

  test('times that cannot be are refused for good, and nothing is kept', async () => {
    const failure = await failureOf(records.changeFreezes(asked(once('shop', -1))));
    expect(failure).toMatchObject({ type: 'FreezeRefused', final: true });
    expect(await records.inspectRecords({ kind: 'freezes', app: null })).toEqual([]);
  });
});

describe('a standing that is waited for', () => {
  const window = (ms: number) => ({ from: '2026-01-01T00:00:00Z', until: new Date(Date.now() + ms).toISOString() });
  const frozen = (ms: number): FreezeView => ({
    id: 'freeze-1',
    app: null,
    reason: 'x',
    by: 'ana',
    madeAt: '2026-01-01T00:00:00Z',
    time: { kind: 'once', ...window(ms) },
    windows: [window(ms)],
  });
  /** What the reads answer one after the other; the last again and again. */
  const reads = (...answers: readonly (readonly FreezeView[] | Error)[]) => {
    let n = 0;
    return async (): Promise<readonly FreezeView[]> => {
      const answer = answers[Math.min(n++, answers.length - 1)] ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    };
  };
  const parkedNow = new Set<string>();
  const place = { deployment: 'deploy/shop', run: 'r1' };
  const of = (read: () => Promise<readonly FreezeView[]>) => ({
    read,
    park: async (app: string) => (parkedNow.add(app), { place, parked: parkedNow.size }),
    unpark: async () => parkedNow.clear(),
  });
  const look = (read: () => Promise<readonly FreezeView[]>, known: FreezeStanding | null) =>
    inActivity(() => freezeStanding(of(read), { app: 'shop', known }));
  /** As the server does: again and again, when the activity says that it is due. */
  const ask = async (read: () => Promise<readonly FreezeView[]>, known: FreezeStanding | null) => {
    for (;;) {
      try {
        return await look(read, known);
      } catch (error) {
        if (!(error instanceof ApplicationFailure) || error.type !== 'NotYet') throw error;
        await new Promise((resolve) => setTimeout(resolve, Number(error.nextRetryDelay)));
      }
    }
  };
  const away = new Error('PostgreSQL is away');

  test('what cannot be read is unknown at once, and known as soon as it can', async () => {
    const read = reads(away, away, []);
    const unknown = await ask(read, null);
    expect(unknown).toEqual({ kind: 'unknown', reason: 'PostgreSQL is away' });
    expect(await ask(read, unknown)).toMatchObject({ kind: 'known', inForce: null });
  });

  test('a database that goes away is no news while the freeze lasts, and is when it should be over', async () => {
    const freeze = frozen(2_500);
    const known = await ask(reads([freeze]), null);
    const begun = Date.now();
    expect(await ask(reads(away), known)).toMatchObject({ kind: 'unknown' });
    expect(Date.now() - begun).toBeGreaterThan(1_500);
  });

  test('whoever parks is written down before the freezes are read, and forgotten when nothing is frozen', async () => {
    const seen: string[][] = [];
    const noting = (views: readonly FreezeView[]) => async () => (seen.push([...parkedNow]), views);
    const parks = (views: readonly FreezeView[]) =>
      inActivity(() => freezeStanding(of(noting(views)), { app: 'shop', known: null, parks: true }));
    await parks([frozen(HOUR)]);
    expect(seen).toEqual([['shop']]);
    expect([...parkedNow]).toEqual(['shop']);
    expect(await parks([])).toMatchObject({ kind: 'known', inForce: null });
    expect([...parkedNow]).toEqual([]);
  });

  test('a freeze that was ended is noticed', async () => {
    const freeze = frozen(HOUR);
    const known = await ask(reads([freeze]), null);
    expect(await ask(reads([freeze], []), known)).toMatchObject({ kind: 'known', inForce: null });
  });
});
