const { BadRequest } = require('./errors');

/** Takes the event that the payment provider posts. */
function takePayment(body) {
  const event = parse(body);
  if (event.type === 'payment_intent.succeeded') console.log(`payment ${event.id} has been received`);
  return { received: event.id };
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
