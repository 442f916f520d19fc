const { createHmac, timingSafeEqual } = require('node:crypto');
const { BadRequest } = require('./errors');

/** Takes the event that the payment provider posts, if it is signed with the secret that we share with it. */
function takePayment(body, signature) {
  verify(body, signature);
  const event = parse(body);
  if (event.type === 'payment_intent.succeeded') console.log(`payment ${event.id} has been received`);
  return { received: event.id };
}

/** The header is `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`. */
function verify(body, signature) {
  const secret = process.env.STRIPE_WEBHOOK_SECRET;
  if (!secret) throw new Error('STRIPE_WEBHOOK_SECRET is not set');
  const { t, v1 } = Object.fromEntries((signature ?? '').split(',').map((part) => part.split('=', 2)));
  const expected = createHmac('sha256', secret).update(`${t}.`).update(body).digest();
  const given = Buffer.from(v1 ?? '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new BadRequest('the signature does not match');
  }
}

function parse(body) {
  try {
    const event = JSON.parse(body);
    if (typeof event.id === 'string' && typeof event.type === 'string') return event;
  } catch {
    // answered below, as any other body that is no event
  }
  throw new BadRequest('the body is not an event');
}

module.exports = { takePayment };
