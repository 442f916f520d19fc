const assert = require('node:assert/strict');
const { createHmac } = require('node:crypto');
const { test } = require('node:test');

process.env.STRIPE_WEBHOOK_SECRET = 'whsec_test';
const { takePayment } = require('../src/payments');

const event = Buffer.from(JSON.stringify({ id: 'evt_1', type: 'payment_intent.succeeded' }));
const sign = (body, secret) =>
  `t=1700000000,v1=${createHmac('sha256', secret).update('1700000000.').update(body).digest('hex')}`;

test('an event with the right signature is taken', () => {
  assert.deepEqual(takePayment(event, sign(event, 'whsec_test')), { received: 'evt_1' });
});

test('an event that another secret signed is refused', () => {
  assert.throws(() => takePayment(event, sign(event, 'whsec_other')), { status: 400, message: /signature/ });
});

test('an event without a signature is refused', () => {
  assert.throws(() => takePayment(event, undefined), { status: 400, message: /signature/ });
  assert.throws(() => takePayment(event, 'nonsense'), { status: 400, message: /signature/ });
});

test('what is signed and no event is refused', () => {
  const text = Buffer.from('hello');
  assert.throws(() => takePayment(text, sign(text, 'whsec_test')), { status: 400, message: /not an event/ });
});
