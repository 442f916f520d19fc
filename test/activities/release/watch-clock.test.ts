import { watchClock } from '../../../activities/release/watch-clock';

const at = (wall: number, steady: number) => ({ wall, steady });

/** Clocks that a test sets: the wall clock may jump, the steady one goes on. */
function clocks(now: { wall: number; steady: number }) {
  return { wall: () => now.wall, steady: () => now.steady };
}

test('A watch lasts as long as it lasts, whoever sets the clock meanwhile', () => {
  const now = at(1_000_000, 50);
  const watchedMs = watchClock(1_000_000, 0, clocks(now));
  Object.assign(now, at(1_000_000 + 3_600_000, 1_050)); // an hour ahead
  expect(watchedMs()).toBe(1_000);
  Object.assign(now, at(1_000_000 - 3_600_000, 2_050)); // an hour back
  expect(watchedMs()).toBe(2_000);
});

test('An attempt after a crash counts what went by since the watch began', () => {
  expect(watchClock(1_000_000, 4_000, clocks(at(1_007_000, 50)))()).toBe(7_000);
});

test('An attempt after a crash never counts less than the one before, also when the clock was set back', () => {
  expect(watchClock(1_000_000, 4_000, clocks(at(400_000, 50)))()).toBe(4_000);
  expect(watchClock(1_000_000, 0, clocks(at(999_500, 50)))()).toBe(0);
});
