/** Temporal's own development server, with its state in a file. */
import { stat } from 'node:fs/promises';
import { readJson, writeJson } from '../system/durable-file';
import type { Home } from '../system/home';
import { EngineRefusal } from './engine';
import type { TemporalAddress } from './engine';
import { servesNamespace } from './grpc-check';
import { temporalFile, temporalVersionFile } from './places';
import type { EnginePorts } from './ports';
import { compareVersions } from './temporal-cli';
import type { TemporalCli } from './temporal-cli';

const NAMESPACE = 'default';
const UI_MS = 2_000;

export const temporalArgs = (file: string, ports: EnginePorts): string[] => [
  ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.temporal), '--ui-port', String(ports.ui)],
  ...['--db-filename', file, '--log-level', 'warn'],
];

export const temporalAddress = (ports: EnginePorts): TemporalAddress => ({
  address: `127.0.0.1:${ports.temporal}`,
  namespace: NAMESPACE,
  uiUrl: `http://127.0.0.1:${ports.ui}`,
});

/** Whether server and Web UI answer. Never throws. */
export async function servesTemporal({ address, namespace, uiUrl }: TemporalAddress): Promise<boolean> {
  if (!(await servesNamespace(address, namespace))) return false;
  return fetch(uiUrl, { signal: AbortSignal.timeout(UI_MS) }).then(
    (answer) => answer.ok,
    () => false,
  );
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
