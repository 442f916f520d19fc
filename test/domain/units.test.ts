import fc from 'fast-check';
import { formatDuration, formatShare, formatSize, parseDuration, parseShare, parseSize } from '../../domain/units';

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['', '5', '5 minuets', '5 m', '-5m', 'm', '5M', '5min', '1e3s', ' 5m', '5m ', '٥m', '99999999999999999d'])(
    '`%s` is none',
    (text) => expect(parseDuration(text)).toBeNull(),
  );

  test.each([
    [0, '0s'],
    [1, '1ms'],
    [90_000, '1m30s'],
    [86_400_000, '24h'],
    [604_800_000, '7d'],
    [-1_500, '-1s500ms'],
  ])('%d ms are written %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  test('every duration is read back as it was', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('sizes', () => {
  test.each([
    ['20B', 20],
    ['500KB', 500_000],
    ['512MiB', 536_870_912],
    ['1.5 GB', 1_500_000_000],
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(['', '500', '500kb', 'KB', '-1KB', '5K', '1e3B'])('`%s` is none', (text) =>
    expect(parseSize(text)).toBeNull(),
  );

  test.each([
    [0, '0B'],
    [999, '999B'],
    [500_000, '500KB'],
    [536_870_912, '512MiB'],
    [1_234_567_890, '1.2GB'],
  ])('%d bytes are written %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));
});

describe('shares', () => {
  test.each([
    ['0%', 0],
    ['1%', 0.01],
    ['0.5%', 0.005],
    ['100%', 1],
    ['12.5 %', 0.125],
  ])('%s is %d', (text, share) => expect(parseShare(text)).toBe(share));

  test.each(['', '1', '0.5', '101%', '-1%', '%', '10 percent'])('`%s` is none', (text) =>
    expect(parseShare(text)).toBeNull(),
  );

  test('every share is read back as it was', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), (thousandths) => {
        const share = thousandths / 1_000 / 100;
        expect(parseShare(formatShare(share))).toBeCloseTo(share, 10);
      }),
    );
  });
});
