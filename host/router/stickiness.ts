/**
 * Keeps a user on one release while two have traffic, without remembering anybody: a cookie holds a point of the circle from 0 to
 * 1, the weights divide the circle, and the release in whose part the point lies serves. A larger weight moves just as many users
 * as it must, and none of them back. Whoever forges a point picks a release that has traffic anyway.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ClientConnection } from './client-connection';
import type { Share } from './shares';

export const COOKIE = 'mvca-release';
const HELD = new RegExp(`(?:^|; ?)${COOKIE}=([0-9a-f]{8})(?: *;|$)`);

/** A point is a whole number below this. */
const CIRCLE = 2 ** 32;
/**
 * From one new user's point to the next: the circle divided by the golden ratio. The points of any number of users in a row lie so
 * evenly that each part of the circle holds its share of them to within a few (Kronecker sequence; Knuth, TAOCP 3, section 6.4).
 */
const STEP = 0x9e3779b9;

let last = randomBytes(4).readUInt32BE();
const newPoint = (): number => (last = (last + STEP) % CIRCLE);

export interface Place<T> {
  readonly target: T;
  /** The value of `Set-Cookie` for a user who had none. */
  readonly cookie: string | null;
}

export class Stickiness<T> {
  readonly #shares: readonly Share<T>[];
  readonly #total: number;

  /** @param shares in an order that stays: the part that grows must not push another one along the circle. */
  constructor(shares: readonly Share<T>[]) {
    this.#shares = shares.filter(({ weight }) => weight > 0);
    this.#total = this.#shares.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Whether there is anything to choose from. */
  get isMixed(): boolean {
    return this.#shares.length > 1;
  }

  placeOf(request: IncomingMessage, client: ClientConnection): Place<T> {
    const held = HELD.exec(request.headers.cookie ?? '')?.[1];
    if (held !== undefined) return { target: this.at(Number.parseInt(held, 16)), cookie: null };
    const point = newPoint();
    return { target: this.at(point), cookie: cookieOf(point, isSecure(request, client)) };
  }

  /** The release in whose part of the circle a point lies. */
  at(point: number): T {
    let left = (point / CIRCLE) * this.#total;
    for (const { target, weight } of this.#shares) {
      left -= weight;
      if (left < 0) return target;
    }
    return (this.#shares.at(-1) as Share<T>).target;
  }
}

/** Until the browser is closed. */
const cookieOf = (point: number, secure: boolean): string =>
  `${COOKIE}=${point.toString(16).padStart(8, '0')}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

/** As the proxy says before which the user stands, where there is one that is believed. */
const isSecure = ({ headers }: IncomingMessage, client: ClientConnection): boolean =>
  client.isTrusted && String(headers['x-forwarded-proto']).split(',')[0]?.trim().toLowerCase() === 'https';

/** Adds the cookie to the head of an answer (name and value by turns), unless others would get it, too. */
export function addCookie(headers: string[], status: number, cookie: string): void {
  if (status !== 304 && !isForOthers(headers)) headers.push('Set-Cookie', cookie);
}

/** Whether a shared cache may give the answer to others without asking again (RFC 9111, section 4.2.1). */
function isForOthers(headers: readonly string[]): boolean {
  let control = '';
  let expires = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]?.toLowerCase();
    if (name === 'cache-control') control += `,${headers[i + 1]?.toLowerCase() ?? ''}`;
    if (name === 'expires') expires = true;
  }
  if (/\b(?:private|no-store|no-cache)\b/.test(control)) return false;
  const age = /\bs-maxage="?(\d+)/.exec(control) ?? /\bmax-age="?(\d+)/.exec(control);
  return age === null ? expires : Number(age[1]) > 0;
}
