/** A file of Temporal's own kind that says how to reach this home's server: for the worker, and for people's `temporal` CLI. */
import path from 'node:path';
import { writeDurably } from '../../system/durable-file';
import type { Home } from '../../system/home';
import type { GuardedAddress } from '../engine';
import { accessFolder, SERVER_NAME } from './keys';

/** `TEMPORAL_CONFIG_FILE=<this> temporal workflow list`. */
export const profileFile = (home: Home): string => path.join(accessFolder(home), 'temporal.toml');

export function writeProfile(home: Home, { address, namespace, keys }: GuardedAddress): Promise<void> {
  const lines = [
    '[profile.default]',
    `address = ${quoted(address)}`,
    `namespace = ${quoted(namespace)}`,
    '[profile.default.tls]',
    `server_name = ${quoted(SERVER_NAME)}`,
    `server_ca_cert_path = ${quoted(keys.authority)}`,
    `client_cert_path = ${quoted(keys.certificate)}`,
    `client_key_path = ${quoted(keys.key)}`,
  ];
  return writeDurably(profileFile(home), `${lines.join('\n')}\n`);
}

/** A basic string of TOML takes what JSON writes. */
const quoted = (value: string): string => JSON.stringify(value);
