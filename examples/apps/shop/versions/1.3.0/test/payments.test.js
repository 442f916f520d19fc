const assert = require('node:assert/strict');
const { test } = require('node:test');
const { takePayment } = require('../src/payments');

const event = (currency, amount = 1_000) =>
  JSON.stringify({ id: 'evt_1', type: 'payment_intent.succeeded', data: { object: { amount, currency } } });

test('a payment is taken, whatever it was paid in', async () => {
  for (const currency of ['eur', 'usd', 'gbp']) assert.deepEqual(await takePayment(event(currency)), { received: 'evt_1' });
});

test('a payment in a currency without a rate is refused', async () => {
  await assert.rejects(takePayment(event('xyz')), { status: 400, message: /no rate for `xyz`/ });
});

test('what is no event is refused', async () => {
  for (const body of ['hello', '{}', event('usd', 'much')]) await assert.rejects(takePayment(body), { status: 400 });
});
