/** Temporal's own development server, with its state in a file. */
import { randomInt } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { askAdmin } from '../system/admin';
import { readJson, writeJson } from '../system/durable-file';
import type { Home } from '../system/home';
import { EngineRefusal } from './engine';
import type { GuardedAddress } from './engine';
import { clientKeys, keyFiles } from './access/keys';
import type { GateState, InnerPlaces } from './gate/settings';
import { servesNamespace } from './grpc-check';
import type { Isolation } from './isolation';
import { gateSocket, temporalFile, temporalVersionFile } from './places';
import type { EnginePorts } from './ports';
import { compareVersions } from './temporal-cli';
import type { TemporalCli } from './temporal-cli';

const NAMESPACE = 'default';
const UI_MS = 2_000;

export const temporalArgs = (file: string, { host, grpc, ui }: InnerPlaces): string[] => [
  ...['server', 'start-dev', '--ip', host, '--port', String(grpc), '--ui-port', String(ui)],
  ...['--db-filename', file, '--log-level', 'warn'],
];

/**
 * Where it listens behind the gate. On a loopback that it shares, an address that no web page can guess: the server's HTTP API takes requests
 * from any page that finds it.
 */
export function innerPlaces({ kind }: Pick<Isolation, 'kind'>): InnerPlaces {
  const host =
    kind === 'namespace' ? '127.0.0.1' : `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}`;
  return { host, grpc: 7233, ui: 8233 };
}

export const temporalAddress = (home: Home, ports: EnginePorts): GuardedAddress => ({
  address: `127.0.0.1:${ports.temporal}`,
  namespace: NAMESPACE,
  uiUrl: `http://127.0.0.1:${ports.ui}`,
  keys: keyFiles(home),
});

/** Whether server and Web UI answer, through the gate. Never throws. */
export async function servesTemporal(home: Home, { address, namespace }: GuardedAddress): Promise<boolean> {
  try {
    if (!(await servesNamespace({ address, namespace, keys: await clientKeys(home) }))) return false;
    return (await askAdmin<GateState>(await gateSocket(home), 'GET', '/state', { timeoutMs: UI_MS })).ui;
  } catch {
    return false;
  }
}

/**
 * Notes which CLI writes the file from now on.
 * @throws EngineRefusal when a newer one has written it: servers read older files, not newer ones.
 */
export async function claimTemporalFile(home: Home, cli: TemporalCli): Promise<void> {
  const exists = await stat(temporalFile(home)).catch(() => null);
  const before = exists === null ? null : await readJson<{ cli: string }>(temporalVersionFile(home));
  if (before !== null && compareVersions(before.cli, cli.version) > 0) {
    throw new EngineRefusal(
      `${temporalFile(home)} was written by Temporal CLI ${before.cli}, and ${cli.path} is ${cli.version}: ` +
        `use ${before.cli} or newer (TEMPORAL_CLI_PATH); nothing was touched`,
    );
  }
  if (before?.cli !== cli.version) await writeJson(temporalVersionFile(home), { cli: cli.version });
}
