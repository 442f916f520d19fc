/** Reads what was sent to the admin socket: plain checks that name the field, the value and what was expected. */
import { BRIDGES, type Bridge, type RouterSettings, type SetWeights, type Stickiness } from '../../domain/host/router';
import type { Address, Weights } from '../../domain/words';
import { AdminRefusal } from '../../system/admin';
import type { Renewal } from './table';
import { isNetwork } from './trust';

const RELEASE = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/;
/** An hour: longer permission for an unproven release is a mistake. */
const LONGEST_LEASE_SECONDS = 3_600;
const LONGEST_MS = 7 * 24 * 3_600_000;

export function readRelease(text: string): string {
  let name: string;
  try {
    name = decodeURIComponent(text);
  } catch {
    throw bad('release', text, 'a name in URL encoding');
  }
  if (!RELEASE.test(name)) throw bad('release', name, 'letters, digits, dot, dash, plus and underscore, at most 128');
  return name;
}

export function readSettings(body: unknown): RouterSettings {
  const { slowMs, drainMs, stickiness, metrics, trust, connections } = record(body, 'the body');
  return {
    slowMs: number(slowMs, 'slowMs', [1, LONGEST_MS]),
    drainMs: number(drainMs, 'drainMs', [0, LONGEST_MS]),
    ...(readStickiness(stickiness) === 'cookie' ? { stickiness: 'cookie' } : {}),
    ...(metrics === undefined ? {} : { metrics: readAddress(metrics, 'metrics') }),
    ...(trust === undefined ? {} : { trust: readTrust(trust) }),
    ...(connections === undefined ? {} : { connections: integer(connections, 'connections', [1, 1_000_000]) }),
  };
}

function readTrust(value: unknown): string[] {
  if (!Array.isArray(value)) throw bad('trust', value, 'a list of addresses and networks');
  for (const [index, network] of value.entries())
    if (typeof network !== 'string' || !isNetwork(network))
      throw bad(`trust[${index}]`, network, 'an address or a network such as 10.0.0.0/8');
  return value as string[];
}

function readStickiness(value: unknown): Stickiness {
  if (value === undefined || value === 'none' || value === 'cookie') return value ?? 'none';
  throw bad('stickiness', value, 'none or cookie');
}

export function readInstances(body: unknown): Address[] {
  const { instances } = record(body, 'the body');
  if (!Array.isArray(instances)) throw bad('instances', instances, 'a list of { host, port }');
  return instances.map((instance, index) => readAddress(instance, `instances[${index}]`));
}

export function readAddress(value: unknown, field: string): Address {
  const { host, port } = record(value, field);
  if (typeof host !== 'string' || !/^[A-Za-z0-9_.:-]{1,253}$/.test(host))
    throw bad(`${field}.host`, host, 'a host name or an address');
  return { host, port: integer(port, `${field}.port`, [1, 65_535]) };
}

export function readSetWeights(body: unknown): SetWeights {
  const { weights, lease } = record(body, 'the body');
  if (lease === null) return { weights: readWeights(weights, 'weights'), lease: null };
  const { holder, seconds, fallback } = record(lease, 'lease');
  return {
    weights: readWeights(weights, 'weights'),
    lease: {
      holder: readHolder(holder),
      seconds: readSeconds(seconds, 'lease.seconds'),
      fallback: readWeights(fallback, 'lease.fallback'),
    },
  };
}

export function readRenewal(body: unknown): Renewal {
  const { holder, seconds, bridge } = record(body, 'the body');
  return { holder: readHolder(holder), seconds: readSeconds(seconds, 'seconds'), bridge: readBridge(bridge) };
}

function readBridge(value: unknown): Bridge | null {
  if (value === undefined) return null;
  const known = BRIDGES.find((bridge) => bridge === value);
  if (known === undefined) throw bad('bridge', value, BRIDGES.join(' or '));
  return known;
}

export function readHolder(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > 512)
    throw bad('holder', value, 'who renews the lease');
  return value;
}

function readWeights(value: unknown, field: string): Weights {
  const entries = Object.entries(record(value, field));
  for (const [release, weight] of entries) {
    readRelease(release);
    number(weight, `${field}.${release}`, [0, 100]);
  }
  return Object.fromEntries(entries) as Weights;
}

const readSeconds = (value: unknown, field: string): number => number(value, field, [0.05, LONGEST_LEASE_SECONDS]);

function number(value: unknown, field: string, [least, most]: readonly [number, number]): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most)
    throw bad(field, value, `a number from ${least} to ${most}`);
  return value;
}

function integer(value: unknown, field: string, range: readonly [number, number]): number {
  if (!Number.isInteger(value)) throw bad(field, value, 'a whole number');
  return number(value, field, range);
}

function record(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(field, value, 'an object');
  return value as Record<string, unknown>;
}

function bad(field: string, value: unknown, expected: string): AdminRefusal {
  const shown = JSON.stringify(value)?.slice(0, 80) ?? 'missing';
  return new AdminRefusal(400, `${field} is ${shown}; expected ${expected}`);
}
