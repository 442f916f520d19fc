import { begun, expired, join, leave, told, waitingIn, type Place } from '../../domain/line';

const place = (id: string, change: Partial<Place> = {}): Place => ({
  id,
  kind: 'deploy',
  version: id,
  requester: 'ana',
  mode: 'queue',
  joinedAt: '2026-11-23T14:00:00.000Z',
  deadline: '2026-11-24T14:00:00.000Z',
  state: 'waiting',
  run: null,
  reason: null,
  ...change,
});

const order = (places: readonly Place[]): string =>
  waitingIn(places)
    .map(({ id }) => id)
    .join(' ');
const line = (...joining: readonly Place[]): readonly Place[] => joining.reduce<readonly Place[]>(join, []);

test('who comes first is first, and who comes twice has one place', () => {
  expect(order(line(place('a'), place('b'), place('a'), place('c')))).toBe('a b c');
});

test('one that supersedes stands before all that wait, and a newer one takes its place', () => {
  const newer = place('s', { mode: 'supersede' });
  const newest = place('t', { mode: 'supersede' });
  expect(order(line(place('a'), newer, place('b')))).toBe('s a b');
  const places = line(place('a'), newer, newest);
  expect(order(places)).toBe('t a');
  expect(places.find(({ id }) => id === 's')).toMatchObject({ state: 'left', reason: 'superseded by t of ana' });
});

test('one that has started or left waits no more, and is remembered for a while', () => {
  const started = begun(line(place('a'), place('b'), place('c')), 'a', 'run-1');
  expect(order(leave(started, 'b', 'not today'))).toBe('c');
  expect(leave(started, 'a', 'too late')[0]).toMatchObject({ state: 'started', run: 'run-1' });
  const many = Array.from({ length: 30 }, (_, n) => `n${n}`);
  const all = many.reduce((places, id) => begun(join(places, place(id)), id, id), [] as readonly Place[]);
  expect(all).toHaveLength(20);
});

test('nobody waits beyond the deadline', () => {
  const places = line(place('a', { deadline: '2026-11-23T15:00:00.000Z' }), place('b'));
  const at = (time: string): readonly Place[] => expired(places, Date.parse(`2026-11-23T${time}.000Z`));
  expect(order(at('14:59:59'))).toBe('a b');
  expect(order(at('15:00:00'))).toBe('b');
  expect(at('15:00:00')[0]?.reason).toMatch(/did not come before the deadline/);
});

test('what became of whom is told: who joined behind whom, and why somebody left', () => {
  const summaries = (before: readonly Place[], after: readonly Place[]): readonly string[] =>
    told(before, after).map(({ action, summary }) => `${action}: ${summary}`);
  const two = line(place('a'), place('b', { kind: 'rollback', requester: 'bo' }));
  expect(summaries([], two)).toEqual([
    'line.joined: a of ana joined the line behind the running deployment',
    'line.joined: the rollback of bo joined the line behind a of ana',
  ]);
  expect(summaries(two, begun(two, 'a', 'run-1'))).toEqual(['line.started: a of ana left the line: its turn came']);
  expect(summaries(two, leave(two, 'b', 'taken out of the line by cy: no'))).toEqual([
    'line.left: the rollback of bo left the line: taken out of the line by cy: no',
  ]);
  const newer = join(line(place('s', { mode: 'supersede' })), place('t', { mode: 'supersede' }));
  expect(summaries(line(place('s', { mode: 'supersede' })), newer)).toEqual([
    'line.left: s of ana left the line: superseded by t of ana',
    'line.joined: t of ana joined the line behind the running deployment, which is asked to make room',
  ]);
  expect(summaries(two, two)).toEqual([]);
});
