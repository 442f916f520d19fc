const assert = require('node:assert/strict');
const { test } = require('node:test');
const { convert } = require('../convert');

test('water freezes and boils where it should', () => {
  assert.deepEqual(convert('0'), { celsius: 0, fahrenheit: 32, kelvin: 273.15 });
  assert.deepEqual(convert('100'), { celsius: 100, fahrenheit: 212, kelvin: 373.15 });
});

test('nothing is colder than absolute zero', () => {
  assert.equal(convert('-273.15').kelvin, 0);
  assert.equal(convert('-273.16'), null);
});

test('what is no number is refused', () => {
  for (const text of [null, '', ' ', 'warm', 'Infinity', 'NaN']) assert.equal(convert(text), null);
});
