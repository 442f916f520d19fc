const assert = require('node:assert/strict');
const { test } = require('node:test');
const { checkText } = require('../src/notes');

test('a text is kept without the blanks around it', () => {
  assert.equal(checkText('  buy milk \n'), 'buy milk');
});

test('an empty, long or missing text is refused', () => {
  for (const text of ['', '   ', 'x'.repeat(2001), undefined, 7]) {
    assert.throws(() => checkText(text), { status: 400 });
  }
});
