import { createFolding } from '../../../activities/notifications/folding';

const MINUTE = 60_000;
const message = (text: string, app = 'shop', event = 'rolled-back') => ({ app, event, text });

describe('repeated alike messages', () => {
  let now = 0;
  beforeEach(() => (now = 0));

  test('are one for ten minutes, and the next says how many there were', () => {
    const folding = createFolding(() => now);
    const told = [0, 3, 6, 9, 12].map((minute) => {
      now = minute * MINUTE;
      return folding.next(message('shop 1.4.0 was rolled back'));
    });
    expect(told).toEqual([0, null, null, null, 3]);
  });

  test.each([
    ['measured values', 'errors 11.8 %, limit 1 % (47 of 398 answers)', 'errors 12.5 %, limit 1 % (50 of 400 answers)'],
    ['times', 'waits until 2026-11-23 14:03:22 UTC', 'waits until 2026-11-23 14:09:00 UTC'],
  ])('are alike though their %s differ', (_what, one, other) => {
    const folding = createFolding(() => now);
    expect([folding.next(message(one)), folding.next(message(other))]).toEqual([0, null]);
  });

  test.each([
    ['version', message('shop 1.4.0 was rolled back'), message('shop 1.4.1 was rolled back')],
    ['version of one number', message('shop v2 was rolled back'), message('shop v3 was rolled back')],
    ['application', message('was rolled back'), message('was rolled back', 'blog')],
    ['event', message('shop 1.4.0'), message('shop 1.4.0', 'shop', 'waiting')],
  ])('are not alike when their %s differs', (_what, one, other) => {
    const folding = createFolding(() => now);
    expect([folding.next(one), folding.next(other)]).toEqual([0, 0]);
  });
});
