const { BadRequest } = require('./errors');

const RATES_URL = 'https://rates.example.com/latest?base=eur';
const MAX_AGE_MS = 60_000;

/** Euros for one unit of a currency. These came with this version and are good for the first minute; then the provider's are fetched. */
let known = { rates: { usd: 0.86, gbp: 1.15, chf: 1.07 }, at: Date.now() };

/** Cents of a currency as cents of a euro. */
async function inEuros(amount, currency) {
  if (currency === 'eur') return amount;
  const { rates } = await currentRates();
  if (rates[currency] === undefined) throw new BadRequest(`there is no rate for \`${currency}\``);
  return Math.round(amount * rates[currency]);
}

async function currentRates() {
  if (Date.now() - known.at > MAX_AGE_MS) known = { rates: await fetchRates(), at: Date.now() };
  return known;
}

async function fetchRates() {
  const key = process.env.EXCHANGE_RATES_KEY;
  if (!key) throw new Error('EXCHANGE_RATES_KEY is not set');
  const response = await fetch(RATES_URL, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(3_000),
  });
  if (!response.ok) throw new Error(`the rates were answered with ${response.status}`);
  return response.json();
}

module.exports = { inEuros };
