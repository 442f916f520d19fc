/** The table's changes, as plain functions: a table and a wish in, the next table out, or a refusal that says why. */
import { isDeepStrictEqual } from 'node:util';
import type { Bridge, Lease, RouterSettings, RouterTable, SetWeights } from '../../domain/host/router';
import type { Address, Weights } from '../../domain/words';
import { AdminRefusal } from '../../system/admin';

/** Shares such as 33.33 are meant to add up to a hundred. */
const ROUNDING = 0.05;

const conflict = (message: string): AdminRefusal => new AdminRefusal(409, message);

/** Settings that are as they were need no saving: the same table is answered. */
export function withSettings(table: RouterTable, settings: RouterSettings): RouterTable {
  return isDeepStrictEqual(settings, table.settings) ? table : { ...table, settings };
}

export function withRelease(table: RouterTable, release: string, instances: readonly Address[]): RouterTable {
  if (instances.length === 0 && hasWeight(table, release))
    throw conflict(`release ${release} serves ${weightOf(table.weights, release)} % and cannot lose its last instance`);
  return {
    ...table,
    releases: { ...table.releases, [release]: { instances: unique(instances) } },
    weights: { ...table.weights, [release]: weightOf(table.weights, release) },
  };
}

export function withoutRelease(table: RouterTable, release: string): RouterTable {
  if (!Object.hasOwn(table.releases, release)) return table;
  const weight = weightOf(table.weights, release);
  if (weight > 0) throw conflict(`release ${release} serves ${weight} %; give its traffic to another one first`);
  if (table.lease !== null && weightOf(table.lease.fallback, release) > 0)
    throw conflict(
      `release ${release} would get the traffic back when the lease of ${table.lease.holder} runs out; end the lease first`,
    );
  return { ...table, releases: without(table.releases, release), weights: without(table.weights, release) };
}

/** Sets weights and lease together; releases that are not named get 0. */
export function withWeights(table: RouterTable, request: SetWeights, now: number): RouterTable {
  const weights = completed(table, request.weights);
  // What is so already needs no room on a disk that is full: a deployment that could not begin to shift is undone.
  if (request.lease === null && table.lease === null && sameWeights(weights, table.weights)) return table;
  if (request.lease === null) return { ...table, weights, lease: null };
  const { holder, seconds, fallback } = request.lease;
  const lease: Lease = { holder, seconds, until: now + seconds * 1_000, fallback: completed(table, fallback) };
  return { ...table, weights, lease };
}

export interface Renewal {
  readonly holder: string;
  readonly seconds: number;
  /** null: a watch renews. */
  readonly bridge: Bridge | null;
}

export function renewed(table: RouterTable, { holder, seconds, bridge }: Renewal, now: number): RouterTable {
  const { bridged = [], ...lease } = heldLease(table, holder);
  if (bridge !== null && bridged.includes(bridge))
    throw conflict(
      `the lease of ${holder} was prolonged over a ${bridge} of the engine before, and no watch renewed it since: it runs out`,
    );
  return {
    ...table,
    lease: {
      ...lease,
      seconds,
      until: now + seconds * 1_000,
      ...(bridge === null ? {} : { bridged: [...bridged, bridge] }),
    },
  };
}

/** The release is proven: the weights stay. Once more by the same holder changes nothing. */
export function proven(table: RouterTable, holder: string): RouterTable {
  if (table.lease === null && table.expired?.holder !== holder) return table;
  heldLease(table, holder);
  // Its own earlier lease may have run out before this one; the repeat of this call must not be told so.
  const expired = table.expired?.holder === holder ? null : table.expired;
  return { ...table, lease: null, expired };
}

/** Nobody renewed: the traffic goes back. */
export function expired(table: RouterTable, at: number): RouterTable {
  if (table.lease === null) return table;
  const { holder, fallback } = table.lease;
  return { ...table, weights: fallback, lease: null, expired: { holder, at, from: table.weights } };
}

/** Whether the change only does what the running lease would do by itself. */
export const givesBack = (table: RouterTable, request: SetWeights): boolean =>
  table.lease !== null && sameWeights(completed(table, request.weights), table.lease.fallback);

export function weightOf(weights: Weights, release: string): number {
  return Object.hasOwn(weights, release) ? (weights[release] ?? 0) : 0;
}

const hasWeight = (table: RouterTable, release: string): boolean =>
  weightOf(table.weights, release) > 0 || (table.lease !== null && weightOf(table.lease.fallback, release) > 0);

function heldLease(table: RouterTable, holder: string): Lease {
  if (table.lease?.holder === holder) return table.lease;
  if (table.expired?.holder === holder)
    throw conflict(
      `the lease of ${holder} ran out at ${new Date(table.expired.at).toISOString()}; the traffic went back`,
    );
  throw conflict(
    `${holder} holds no lease${table.lease === null ? '' : `; ${table.lease.holder} does`}: set weights with a lease first`,
  );
}

function completed(table: RouterTable, weights: Weights): Weights {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  if (total !== 0 && Math.abs(total - 100) > ROUNDING)
    throw new AdminRefusal(400, `the weights add up to ${total} %; they must make 100 %, or all be 0 to serve nobody`);
  for (const [release, weight] of Object.entries(weights)) {
    const known = Object.hasOwn(table.releases, release) ? table.releases[release] : undefined;
    if (known === undefined) {
      if (weight > 0)
        throw conflict(`release ${release} is unknown; known: ${Object.keys(table.releases).join(', ') || 'none'}`);
    } else if (weight > 0 && known.instances.length === 0) throw conflict(`release ${release} has no instance`);
  }
  return Object.fromEntries(Object.keys(table.releases).map((release) => [release, weightOf(weights, release)]));
}

const sameWeights = (a: Weights, b: Weights): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every(
    (release) => weightOf(a, release) === weightOf(b, release),
  );

const unique = (addresses: readonly Address[]): Address[] => [
  ...new Map(addresses.map(({ host, port }) => [`${host} ${port}`, { host, port }])).values(),
];

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
