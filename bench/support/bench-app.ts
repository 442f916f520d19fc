/** A small application and a stack of its own, for benches that deploy. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import {
  connect,
  createDeployments,
  loadSpec,
  readConfig,
  type Deployments,
  type EngineConnection,
} from '../../client';
import { down, up } from '../../embedded';
import { homeAt, type Home } from '../../system/home';
import { owing, scratchFolder } from './ending';

export interface BenchStack {
  readonly home: Home;
  readonly folder: string;
  readonly port: number;
  readonly deployments: Deployments;
  readonly connection: EngineConnection;
  /** Starts the deployment of a version and waits for its end. */
  deploy(version: string, options?: SpecOptions): Promise<BenchDeployment>;
  close(): Promise<void>;
}

export interface BenchDeployment {
  readonly outcome: string;
  readonly seconds: number;
  readonly events: number;
}

export interface SpecOptions {
  readonly watch?: string;
  /** Share of requests that answer 500, from 0 to 1. */
  readonly bad?: number;
}

export async function benchStack(): Promise<BenchStack> {
  const root = await scratchFolder();
  const folder = path.join(root, 'app');
  const home = homeAt(path.join(root, 'home'));
  const ports = await freePorts(2);
  const end = owing(() => down(home, { all: true, log: () => undefined }).then(() => undefined));
  await up(home, { log: () => undefined });
  const connection = await connect({ config: { ...readConfig(), home, usesCluster: false } });
  const deployments = createDeployments(connection);
  return {
    home,
    folder,
    port: ports[1] ?? 0,
    deployments,
    connection,
    deploy: async (version, options = {}) => {
      await writeApp(folder, ports, options);
      const loaded = await loadSpec(path.join(folder, 'deployment.yaml'));
      if (loaded.kind !== 'read') throw new Error(JSON.stringify(loaded));
      const deployment = await deployments.start({ ...loaded, version, dirty: true, requester: 'bench' });
      const { outcome, seconds } = await deployment.result();
      const { historyLength } = await connection.client.workflow.getHandle(deployment.id, deployment.run).describe();
      return { outcome, seconds, events: historyLength };
    },
    close: async () => {
      await connection.close();
      await end();
    },
  };
}

/** Answers 200, or 500 for a share of its requests; its health is always green. */
async function writeApp(folder: string, [staging, production]: readonly number[], options: SpecOptions): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'server.js'),
    `const http = require('node:http');
const server = http.createServer((request, response) => {
  response.statusCode = request.url === '/work' && Math.random() < ${options.bad ?? 0} ? 500 : 200;
  response.setHeader('x-app-version', process.env.APP_VERSION);
  response.end('ok');
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { server.close(() => process.exit(0)); setInterval(() => server.closeIdleConnections(), 50).unref(); });
`,
  );
  const environment = (listen: number | undefined, watch: string): string => `
    platform: { kind: process, start: node server.js }
    traffic: { kind: router, listen: 127.0.0.1:${listen} }
    health: { path: /healthz, every: 100ms }
    watch: { for: ${watch}, minimum: 1 }`;
  await writeFile(
    path.join(folder, 'deployment.yaml'),
    `app: bench
environments:
  staging:${environment(staging, '1s')}
  production:${environment(production, options.watch ?? '1s')}
    approval: none
`,
  );
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
        ),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
