/** Our router and its rivals, each before the same instances. */
import { mkdir, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { version as httpProxy3Version } from 'http-proxy-3/package.json';
import type { RouterTable } from '../../domain/host/router';
import type { Address } from '../../domain/words';
import { programFile } from '../../system/keeper';
import { scratchFolder } from './ending';
import { versionOf } from './installed';
import { APP, ENVIRONMENT, knowInstances, provenRouterFolder } from './proven-home';
import { start, startScript, type Spawned } from './spawned';

const LISTEN_MS = 10_000;
const POLL_MS = 5;

export interface Proxy {
  readonly port: number;
  readonly folder: string;
  /** null: no proxy at all. */
  readonly process: Spawned | null;
  end(): Promise<void>;
}

export interface ProxyKind {
  readonly name: string;
  /** null: not installed on this machine. */
  version(): string | null;
  /** Starts it before instances on these ports; resolves once it takes connections. */
  open(instances: readonly number[]): Promise<Proxy>;
}

export const direct: ProxyKind = {
  name: 'direct',
  version: () => '',
  open: async (instances) => ({
    port: instances[0] ?? 0,
    folder: '',
    process: null,
    end: () => Promise.resolve(),
  }),
};

export const router: ProxyKind = {
  name: 'router',
  version: () => 'this checkout',
  open: (instances) =>
    inFolder(async (folder, port) => {
      await knowInstances(folder, 'a', instances);
      await writeFile(path.join(folder, 'table.json'), JSON.stringify(tableOf(port, { a: instances.map(local) })));
      return start([process.execPath, programFile('host/router/main.js'), folder], null);
    }, provenRouterFolder),
};

export const httpProxy3: ProxyKind = {
  name: 'http-proxy-3',
  version: () => httpProxy3Version,
  open: (instances) => inFolder((_, port) => startScript('rival-proxy', port, ...instances)),
};

export const haproxy: ProxyKind = {
  name: 'HAProxy',
  version: () => versionOf('haproxy'),
  open: (instances) =>
    inFolder(async (folder, port) => {
      const servers = instances.map((at, i) => `  server s${i} 127.0.0.1:${at}`);
      await writeFile(path.join(folder, 'haproxy.cfg'), haproxyConfig(folder, port, servers));
      return start(['haproxy', '-db', '-f', path.join(folder, 'haproxy.cfg')], null);
    }),
};

export const nginx: ProxyKind = {
  name: 'nginx',
  version: () => versionOf('nginx'),
  open: (instances) =>
    inFolder(async (folder, port) => {
      await mkdir(path.join(folder, 'logs'), { recursive: true });
      await writeFile(path.join(folder, 'nginx.conf'), nginxConfig(folder, port, instances));
      return start(
        ['nginx', '-p', folder, '-c', path.join(folder, 'nginx.conf'), '-e', path.join(folder, 'error.log')],
        null,
      );
    }),
};

/** Such as `HAProxy 2.6.12, nginx not installed`. */
export const versionsOf = (kinds: readonly ProxyKind[]): string =>
  kinds.map((kind) => `${kind.name} ${kind.version() ?? 'not installed'}`).join(', ');

export const local = (port: number): Address => ({ host: '127.0.0.1', port });

export const tableOf = (port: number, releases: Readonly<Record<string, readonly Address[]>>): RouterTable => ({
  format: 1,
  app: APP,
  environment: ENVIRONMENT,
  listen: local(port),
  settings: { slowMs: 1_000, drainMs: 30_000 },
  releases: Object.fromEntries(Object.entries(releases).map(([name, instances]) => [name, { instances }])),
  weights: Object.fromEntries(Object.keys(releases).map((name, i) => [name, i === 0 ? 100 : 0])),
  lease: null,
  expired: null,
});

function haproxyConfig(folder: string, port: number, servers: readonly string[]): string {
  return [
    'global',
    '  nbthread 2',
    `  stats socket ${folder}/admin.sock mode 600 level admin`,
    'defaults',
    '  mode http',
    '  timeout client 75s',
    '  timeout server 75s',
    '  timeout connect 3s',
    'listen shop',
    `  bind 127.0.0.1:${port}`,
    ...servers,
    '',
  ].join('\n');
}

export const nginxConfig = (folder: string, port: number, instances: readonly number[]): string => `
daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 75s;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream shop { ${instances.map((at) => `server 127.0.0.1:${at};`).join(' ')} keepalive 256; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}
`;

async function inFolder(
  open: (folder: string, port: number) => Promise<Spawned>,
  place: (scratch: string) => Promise<string> = (scratch) => Promise.resolve(scratch),
): Promise<Proxy> {
  const folder = await place(await scratchFolder());
  const port = await freePort();
  const opened = await open(folder, port);
  await untilListening(port);
  return {
    port,
    folder,
    process: opened,
    end: () => opened.end('SIGTERM'), // nginx ends its workers only when it is asked to
  };
}

export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (const deadline = performance.now() + LISTEN_MS; performance.now() < deadline; await sleep(POLL_MS)) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isThere) return;
  }
  throw new Error(`nothing listens on 127.0.0.1:${port} after ${LISTEN_MS / 1_000} s`);
}
