import { readDocument } from '../../../domain/spec/document';

const faults = (text: string): string[] => {
  const document = readDocument(text);
  return document.faults.map(({ offset, expected }) => {
    const { line, column } = document.position(offset);
    return `${line}:${column} ${expected}`;
  });
};

test('every scalar is the text that stands in the file, and nothing is null', () => {
  const { value } = readDocument('{ a: 010, b: yes, c: 1.50, d: , e: "", f: [~, 2024-01-01], g: null }');
  expect(value).toEqual({ a: '010', b: 'yes', c: '1.50', d: null, e: '', f: ['~', '2024-01-01'], g: 'null' });
});

test('places are those of key and value', () => {
  const document = readDocument('a:\n  b: [x,  yy]\n');
  const place = document.place(['a', 'b', 1]);
  expect(place).toMatchObject({ written: 'yy' });
  expect(document.position(place?.value ?? 0)).toEqual({ line: 2, column: 11 });
  expect(document.place(['a', 'c'])).toBeNull();
});

test('aliases and merged keys are written out; keys beside the merge win', () => {
  const { value, faults: none } = readDocument('x: &x { a: 1, b: 2 }\ny: { <<: *x, b: 3 }\nz: *x\n');
  expect(none).toEqual([]);
  expect(value).toMatchObject({ y: { a: '1', b: '3' }, z: { a: '1', b: '2' } });
});

test.each([
  ['a: 1\na: 2\n', '2:1 each key once in a mapping; it stands in line 1 already'],
  ['a: 1\n---\nb: 2\n', '2:1 one document (without a second ---)'],
  ['\ta: 1\n', '1:1 spaces, not tabs, before the key'],
  ['a: !js x\n', '1:4 a value without a tag'],
  ['a: b: c\n', '1:4 one `key: value` on a line (a text with `: ` in it needs quotes)'],
  ['a: @x\n', '1:4 quotes around a text that starts with this character'],
  ['a: "x\n', '2:1 the closing quote or a missing character'],
  ['a: *nope\n', '1:4 an anchor &nope above'],
  ['<<: 1\n', '1:1 the alias of a mapping, such as <<: *defaults'],
  ['? [x]\n: y\n', '1:3 a key that is a plain text'],
  ['__proto__: { a: 1 }\n', '1:1 a key that is a plain text'],
])('%j is named', (text, expected) => {
  expect(faults(text)).toContain(expected);
});

test.each([
  [
    'aliases of aliases',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${`*${'abcdefg'[i]},`.repeat(10)}]`).join('\n')}\n`,
  ],
  ['an alias of itself', 'a: &a [*a]\n'],
  ['a merge of itself', 'a: &a { <<: *a }\n'],
  ['a hundred thousand brackets', '['.repeat(100_000)],
  ['a huge text', `a: ${'x'.repeat(1_000_001)}`],
])('%s ends at a limit', (_name, text) => {
  const document = readDocument(text);
  expect(document.value).toBeNull();
  expect(document.faults.length).toBeGreaterThan(0);
});
