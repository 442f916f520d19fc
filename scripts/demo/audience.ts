/** The client that uses the shop all the while: it comes when production first serves and counts until the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startCounting } from '../counting-client';
import type { CountingClient, RequestKind } from '../counting-client';

const PER_SECOND = 100;
const LOOK_EVERY_MS = 50;
const HEALTH_PER_SECOND = 5;

/** A prime, as is the sum of the shares below: every client asks for everything, and every share of the traffic gets some of it. */
const CLIENTS = 97;

const PAYMENT = {
  id: 'evt_1',
  type: 'payment_intent.succeeded',
  data: { object: { amount: 1_580, currency: 'usd' } },
};

/** About twelve in a hundred are webhooks of the payment provider. */
const MIX: readonly RequestKind[] = [
  { method: 'GET', path: '/', share: 41 },
  { method: 'GET', path: '/products', share: 28 },
  post('/cart', { items: [{ id: 'tea', quantity: 2 }] }, 20),
  post('/webhooks/payment', PAYMENT, 12),
];

function post(path: string, body: object, share: number): RequestKind {
  const headers = { 'content-type': 'application/json', 'stripe-signature': `t=1700000000,v1=${'0'.repeat(64)}` };
  return { method: 'POST', path, headers, body: JSON.stringify(body), share };
}

/** Starts to count, in section `section`, as soon as the shop's health page answers 200; null when `signal` comes first. */
export async function whenServing(url: string, section: string, signal: AbortSignal): Promise<CountingClient | null> {
  while (!signal.aborted) {
    if (await isHealthy(url)) {
      const client = startCounting({ url, perSecond: PER_SECOND, mix: MIX, clients: CLIENTS });
      client.mark(section);
      return client;
    }
    await sleep(LOOK_EVERY_MS);
  }
  return null;
}

/** Asks for the health page a few times a second. */
export const watchHealth = (url: string): CountingClient =>
  startCounting({
    url,
    perSecond: HEALTH_PER_SECOND,
    mix: [{ method: 'GET', path: '/healthz', share: 1 }],
  });

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false; // nobody listens yet
  }
}
