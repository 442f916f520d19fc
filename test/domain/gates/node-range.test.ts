import fc from 'fast-check';
import { isInRange } from '../../../domain/gates/node-range';

test.each([
  ['>=22', 'v22.0.0', true],
  ['>=22', 'v21.9.9', false],
  ['>=22', '24.1.0', true],
  ['>= 20', '20.1.0', true],
  ['^20.1', '20.1.0', true],
  ['^20.1', '20.0.9', false],
  ['^20.1', '21.0.0', false],
  ['^0.2.3', '0.2.9', true],
  ['^0.2.3', '0.3.0', false],
  ['^0.0.3', '0.0.4', false],
  ['20.x', '20.20.2', true],
  ['20.X', '21.0.0', false],
  ['20', '20.20.2', true],
  ['20.20', '20.19.9', false],
  ['20.20.2', '20.20.2', true],
  ['=20.20.2', '20.20.3', false],
  ['~20.20.1', '20.20.9', true],
  ['~20.20.1', '20.21.0', false],
  ['~20', '20.99.0', true],
  ['>=20 <23', '22.9.0', true],
  ['>=20 <23', '23.0.0', false],
  ['>20', '20.5.0', false],
  ['>20', '21.0.0', true],
  ['>20.1', '20.1.9', false],
  ['<=20', '20.99.9', true],
  ['<=20.1.2', '20.1.3', false],
  ['18 || 20', '20.1.0', true],
  ['18 || 20', '19.1.0', false],
  ['18.x||>=22', '23.0.0', true],
  ['18 - 20', '20.99.0', true],
  ['18.1 - 20', '18.0.0', false],
  ['*', '1.2.3', true],
  ['x', '1.2.3', true],
  ['v20', 'v20.1.1', true],
  ['>=22', 'v22.0.0-nightly2024', true],
])('%s holds for %s: %s', (range, version, expected) => {
  expect(isInRange(range, version)).toBe(expected);
});

test.each(['', 'latest', '>=', '20.a', '>=20 || ', '1.2.3.4', '>x', '20..1'])('%j is not a range', (range) => {
  expect(isInRange(range, '20.0.0')).toBeNull();
});

test('A version is in every range that names it, and never in those above and below', () => {
  const part = fc.integer({ min: 0, max: 99 });
  fc.assert(
    fc.property(part, part, part, (major, minor, patch) => {
      const version = `${major}.${minor}.${patch}`;
      for (const range of [version, `^${version}`, `~${version}`, `>=${version}`, `<=${version}`, `${major}.x`])
        expect(isInRange(range, version)).toBe(true);
      for (const range of [`>${version}`, `<${version}`, `>=${major + 1}`, `${major + 1} || <${version}`])
        expect(isInRange(range, version)).toBe(false);
    }),
  );
});
