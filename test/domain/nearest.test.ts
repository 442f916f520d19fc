import fc from 'fast-check';
import { editDistance, nearestWord } from '../../domain/nearest';

test.each([
  ['wach', ['watch', 'health'], 'watch'],
  ['Strategy', ['strategy'], 'strategy'],
  ['helath', ['health', 'watch'], 'health'],
  ['productoin', ['development', 'staging', 'production'], 'production'],
  ['sec', ['s', 'm', 'h'], null],
  ['banana', ['platform', 'traffic'], null],
  ['x', [], null],
])('of `%s` among %j the nearest is %s', (written, known, nearest) => {
  expect(nearestWord(written, known)).toBe(nearest);
});

test('the edit distance is zero for equal words only, symmetric, and at most the longer length', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});
