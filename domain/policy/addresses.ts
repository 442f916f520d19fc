/** Where routers listen, and whether two of them would want the same. */
import type { EnvironmentSpec } from '../spec/spec';
import type { Address } from '../words';

const EVERYWHERE = ['0.0.0.0', '::'];

/** Would one of them take what the other listens for? */
export function overlaps(one: Address, other: Address): boolean {
  if (one.port !== other.port) return false;
  const [a, b] = [one, other].map(({ host }) => (host === 'localhost' ? '127.0.0.1' : host.toLowerCase()));
  return a === b || EVERYWHERE.includes(one.host) || EVERYWHERE.includes(other.host);
}

/** Where the router of an environment listens: for users, and for monitoring systems. */
export const addressesOf = ({ traffic: { listen, metrics } }: Pick<EnvironmentSpec, 'traffic'>): readonly Address[] =>
  metrics ? [listen, metrics] : [listen];

/** `127.0.0.1:8080`, `[::1]:8080`. */
export const addressWords = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
