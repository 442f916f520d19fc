import {
  freezeProblem,
  freezeWords,
  inForce,
  isFree,
  joined,
  pauseMs,
  sameStanding,
  type FreezeStanding,
  type FreezeView,
} from '../../../domain/freezes/freeze';

const at = (time: string): number => Date.parse(`2026-11-27T${time}:00.000Z`);
const iso = (time: string): string => new Date(at(time)).toISOString();

const view = (change: Partial<FreezeView> & { readonly from: string; readonly until: string }): FreezeView => {
  const window = { from: iso(change.from), until: iso(change.until) };
  return {
    id: 'freeze-1',
    app: 'shop',
    reason: 'the sale',
    by: 'ana',
    madeAt: iso('00:00'),
    time: { kind: 'once', ...window },
    windows: [window],
    ...change,
  };
};

describe('what is in force', () => {
  const own = view({ from: '10:00', until: '12:00' });
  const all = view({ id: 'freeze-2', app: null, from: '11:00', until: '13:00' });
  const other = view({ id: 'freeze-3', app: 'mail', from: '00:00', until: '23:00' });

  test.each([
    ['09:59', null],
    ['10:00', 'freeze-1'],
    ['11:30', 'freeze-2'],
    ['12:30', 'freeze-2'],
    ['13:00', null],
  ])('at %s it is %s', (time, id) => {
    expect(inForce([own, all, other], 'shop', at(time))?.id ?? null).toBe(id);
  });

  test('another end of the same freeze, or another freeze, is another standing', () => {
    const standing = (time: string, freezes: readonly FreezeView[]): FreezeStanding => ({
      kind: 'known',
      inForce: inForce(freezes, 'shop', at(time)),
      freezes,
    });
    const longer = { ...own, windows: [{ from: iso('10:00'), until: iso('14:00') }] };
    expect(sameStanding(standing('10:30', [own]), standing('10:45', [own, other]))).toBe(true);
    expect(sameStanding(standing('10:30', [own]), standing('10:30', [longer]))).toBe(false);
    expect(sameStanding(standing('10:30', [own]), standing('11:30', [own, all]))).toBe(false);
    expect(sameStanding(standing('10:30', [own]), { kind: 'unknown', reason: 'away' })).toBe(false);
  });

  test('unknown is not free, and says so', () => {
    const unknown: FreezeStanding = { kind: 'unknown', reason: 'PostgreSQL is away' };
    expect(isFree(unknown)).toBe(false);
    expect(freezeWords(unknown)).toBe('nobody can say whether it is frozen: PostgreSQL is away');
    expect(freezeWords({ kind: 'known', inForce: inForce([all], 'shop', at('12:00')), freezes: [all] })).toBe(
      'a freeze of all applications by ana (the sale)',
    );
  });
});

test('windows that touch or overlap are one', () => {
  const windows = [
    { from: iso('10:00'), until: iso('11:00') },
    { from: iso('11:00'), until: iso('12:00') },
    { from: iso('11:30'), until: iso('11:45') },
    { from: iso('13:00'), until: iso('14:00') },
  ];
  expect(joined(windows)).toEqual([
    { from: iso('10:00'), until: iso('12:00') },
    { from: iso('13:00'), until: iso('14:00') },
  ]);
});

test.each([
  ['it ends before it begins', { kind: 'once', from: iso('12:00'), until: iso('11:00') }, /before it begins/],
  ['it is over', { kind: 'once', from: iso('08:00'), until: iso('09:00') }, /ended already/],
  ['it lasts for years', { kind: 'once', from: iso('08:00'), until: '2030-01-01T00:00:00Z' }, /at most 90d/],
  ['it never comes', { kind: 'cron', cron: '0 0 30 2 *', durationMs: 1, timeZone: 'UTC' }, /never comes due/],
  ['its windows last no time', { kind: 'cron', cron: '0 0 * * *', durationMs: 0, timeZone: 'UTC' }, /some time/],
] as const)('a freeze is refused when %s', (_what, time, words) => {
  expect(freezeProblem(time, [], at('10:00'))).toMatch(words);
});

test('those that were parked go on as fast as the machine takes them, and no faster', () => {
  expect([0, 20, 250].map(pauseMs)).toEqual([1_000, 1_000, 1_000]);
  expect(pauseMs(1_000)).toBe(4_000);
  expect(pauseMs(600_000)).toBe(30_000);
});
