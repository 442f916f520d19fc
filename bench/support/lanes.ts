/** Several applications on one stack, each with an instance that goes bad when it is told to, so that deployments are measured side by side. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connect, createDeployments, loadSpec, readConfig } from '../../client';
import type { DeploymentResult } from '../../domain/deployment';
import { down, up } from '../../embedded';
import { homeAt } from '../../system/home';
import { owing, scratchFolder } from './ending';
import { freePort } from './proxies';

export interface Lane {
  /** Where users ask for `/work`. */
  readonly port: number;
  /** Waits for its end. @param settings lines of the spec of production; left out: a canary at 10 %, and then all. */
  deploy(version: string, fault: Fault, settings?: string): Promise<DeploymentResult>;
}

export interface Fault {
  /** A name of `FAULTS` in `faulty.ts`. */
  readonly kind: string;
  /** Good seconds before. */
  readonly afterSeconds: number;
}

const CANARY = `
    strategy: { kind: canary, steps: [10%, 100%], each: 4m }
    watch: { for: 1s, minimum: 1 }`;

/** @param variables what the worker sees beside its own. */
export async function openLanes(
  count: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<{ lanes: readonly Lane[]; close(): Promise<void> }> {
  const root = await scratchFolder();
  const home = homeAt(path.join(root, 'home'));
  const end = owing(() => down(home, { all: true, log: () => undefined }).then(() => undefined));
  await up(home, { log: () => undefined, environment: { ...process.env, ...variables } });
  const connection = await connect({ config: { ...readConfig(), home, usesCluster: false } });
  const deployments = createDeployments(connection);
  const lane = async (index: number): Promise<Lane> => {
    const [staging, production] = [await freePort(), await freePort()];
    const folder = path.join(root, `app-${index}`);
    await mkdir(folder, { recursive: true });
    await copyFile(require.resolve('./faulty'), path.join(folder, 'server.js'));
    const deploy = async (version: string, fault: Fault, settings = CANARY): Promise<DeploymentResult> => {
      const text = specOf({ app: `lane-${index}`, staging, production, fault, settings });
      await writeFile(path.join(folder, 'deployment.yaml'), text);
      const loaded = await loadSpec(path.join(folder, 'deployment.yaml'));
      if (loaded.kind !== 'read') throw new Error(JSON.stringify(loaded));
      const deployment = await deployments.start({ ...loaded, version, dirty: true, requester: 'bench' });
      return deployment.result();
    };
    return { port: production, deploy };
  };
  return {
    lanes: await Promise.all(Array.from({ length: count }, (_, index) => lane(index))),
    close: async () => {
      await connection.close();
      await end();
    },
  };
}

interface Place {
  readonly app: string;
  readonly staging: number;
  readonly production: number;
  readonly fault: Fault;
  readonly settings: string;
}

function specOf({ app, staging, production, fault, settings }: Place): string {
  return `app: ${app}
environments:
  staging:
    platform: { kind: process, start: node server.js }
    traffic: { kind: router, listen: 127.0.0.1:${staging} }
    health: { path: /healthz }
    watch: { for: 1s, minimum: 1 }
  production:
    platform: { kind: process, start: node server.js }
    traffic: { kind: router, listen: 127.0.0.1:${production} }
    variables: { FAULT: ${fault.kind}, FAULT_AFTER: "${fault.afterSeconds}" }
    health: { path: /healthz }${settings}
    approval: none
`;
}
