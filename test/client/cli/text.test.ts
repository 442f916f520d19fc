import fc from 'fast-check';
import pico from 'picocolors';
import { fit, line, lineText, paint, part } from '../../../client/cli/line';
import { columns, oneLine, plain, truncate } from '../../../client/cli/text';

const HOSTILE = [
  ['\u001b[2J\u001b[Hgone', 'gone'],
  ['\u001b]0;title\u0007text', 'text'],
  ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u001bP1$r0m\u001b\\dcs', 'dcs'],
  ['a\rb\bc\u0000d\u009bm', 'a\\u{000d}b\\u{0008}c\\u{0000}d\\u{009b}m'],
  ['safe \u202eesrever', 'safe \\u{202e}esrever'],
  ['\u001b(Bcharset', 'charset'],
  ['kept\ttab\nline', 'kept\ttab\nline'],
] as const;

test.each(HOSTILE)('%j cannot move the cursor', (text, expected) => {
  expect(plain(text)).toBe(expected);
});

test('no text leaves a control character behind', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plain(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      expect(oneLine(text)).not.toContain('\n');
    }),
  );
});

test.each([
  ['abc', 3],
  ['店舗', 4],
  ['e\u0301', 1],
  ['🚀', 2],
  ['한국', 4],
  ['', 0],
])('%s takes %d columns', (text, expected) => {
  expect(columns(text)).toBe(expected);
});

test('a truncated text ends in an ellipsis and never takes more columns than allowed', () => {
  expect(truncate('deployment', 6)).toBe('deplo…');
  expect(truncate('店舗店舗', 5)).toBe('店舗…');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, limit) => {
      expect(columns(truncate(text, limit))).toBeLessThanOrEqual(limit);
    }),
  );
});

test('a line is cut at its width across its parts, and coloured after that', () => {
  const whole = line(part('good ', 'good'), part('and more', 'dim'));
  expect(lineText(fit(whole, 8))).toBe('good an…');
  expect(paint(fit(whole, 8), pico.createColors(true))).toBe('\u001b[32mgood \u001b[39m\u001b[2man…\u001b[22m');
  expect(paint(whole, pico.createColors(false))).toBe('good and more');
});

test('a part keeps the blanks of its layout and loses the breaks of its content', () => {
  expect(lineText(line('  two  ', part('a\nb\tc')))).toBe('  two  a b c');
  expect(lineText(line('   '))).toBe('   ');
  expect(lineText(line('\n'))).toBe('');
});
