const assert = require('node:assert/strict');
const { test } = require('node:test');
const { takePayment } = require('../src/payments');

test('an event of the payment provider is taken', () => {
  const event = Buffer.from(JSON.stringify({ id: 'evt_1', type: 'payment_intent.succeeded' }));
  assert.deepEqual(takePayment(event), { received: 'evt_1' });
});

test('what is no event is refused', () => {
  assert.throws(() => takePayment(Buffer.from('hello')), { status: 400 });
  assert.throws(() => takePayment(Buffer.from('{"id":1}')), { status: 400 });
});
