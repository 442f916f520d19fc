import fc from 'fast-check';
import { Shares } from '../../../host/router/shares';

const count = (shares: Shares<string>, requests: number): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i += 1) {
    const target = shares.next() ?? 'nobody';
    counts[target] = (counts[target] ?? 0) + 1;
  }
  return counts;
};

test('nobody is chosen when nobody has weight', () => {
  expect(new Shares([{ target: 'a', weight: 0 }]).next()).toBeNull();
  expect(new Shares([]).next()).toBeNull();
});

test('one with all the weight gets everything', () => {
  const shares = new Shares([
    { target: 'a', weight: 100 },
    { target: 'b', weight: 0 },
  ]);
  expect(count(shares, 1_000)).toEqual({ a: 1_000 });
});

test('a share of one percent comes once in every hundred requests', () => {
  const shares = new Shares([
    { target: 'old', weight: 99 },
    { target: 'new', weight: 1 },
  ]);
  for (let hundred = 0; hundred < 20; hundred += 1) expect(count(shares, 100)).toEqual({ old: 99, new: 1 });
});

test('shares are spread evenly, not in blocks', () => {
  const shares = new Shares([
    { target: 'old', weight: 50 },
    { target: 'new', weight: 50 },
  ]);
  const order = Array.from({ length: 10 }, () => shares.next());
  expect(order.every((target, i) => i === 0 || target !== order[i - 1])).toBe(true);
});

test('whatever the weights, any hundred requests in a row give each its share to within one', () => {
  const split = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 3 }).map((cuts) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), 100];
    return edges.slice(1).map((edge, i) => edge - (edges[i] ?? 0));
  });
  fc.assert(
    fc.property(split, fc.integer({ min: 0, max: 250 }), (weights, before) => {
      const shares = new Shares(weights.map((weight, i) => ({ target: String(i), weight })));
      count(shares, before);
      const counts = count(shares, 100);
      weights.forEach((weight, i) => expect(Math.abs((counts[String(i)] ?? 0) - weight)).toBeLessThanOrEqual(1));
    }),
  );
});
