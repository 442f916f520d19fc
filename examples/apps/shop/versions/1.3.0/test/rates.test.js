const assert = require('node:assert/strict');
const { test } = require('node:test');
const { inEuros } = require('../src/rates');

test('euros need no rate', async () => assert.equal(await inEuros(790, 'eur'), 790));

test('other currencies are turned into euros', async () => assert.equal(await inEuros(1_000, 'usd'), 860));

test('rates are fetched when those that came along are too old', async (t) => {
  process.env.EXCHANGE_RATES_KEY = 'key';
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  const asked = t.mock.method(globalThis, 'fetch', async () => Response.json({ usd: 0.9 }));
  assert.equal(await inEuros(1_000, 'usd'), 900);
  assert.equal(asked.mock.calls[0].arguments[1].headers.authorization, 'Bearer key');
});
