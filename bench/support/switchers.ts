/** How traffic is moved from one release to the next, each proxy in the way that its documentation recommends. */
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterState } from '../../domain/host/router';
import { askAdmin } from '../../system/admin';
import { knowInstances } from './proven-home';
import { haproxy, local, nginx, nginxConfig, router, type Proxy, type ProxyKind } from './proxies';

export interface Switcher {
  readonly kind: ProxyKind;
  /** In words: how it is switched. */
  readonly how: string;
  /** Makes `next` known where that is a step of its own before the command. */
  prepare(proxy: Proxy, next: Side): Promise<void>;
  /** The command: from its answer on, new requests should go to `next`. */
  switchTo(proxy: Proxy, next: Side, before: Side): Promise<void>;
  /** Waits, as well as it can be known, until nothing of `before` is in flight. */
  drain(proxy: Proxy, before: Side): Promise<void>;
}

export interface Side {
  readonly name: string;
  readonly port: number;
  /** Which of two places a proxy with fixed places gives it: 0 and 1 by turns. */
  readonly slot: 0 | 1;
}

const POLL_MS = 5;
const DRAIN_MS = 10_000;
/** nginx tells nobody which of its workers still serve the old configuration. */
const NGINX_WAIT_MS = 500;

const ask = (proxy: Proxy, method: 'GET' | 'PUT' | 'DELETE', place: string, body?: unknown): Promise<RouterState> =>
  askAdmin(path.join(proxy.folder, 'admin.sock'), method, place, body === undefined ? {} : { body });

const routerSwitcher: Switcher = {
  kind: router,
  how: 'weights over the admin socket, saved before they are answered',
  prepare: async (proxy, next) => {
    await knowInstances(proxy.folder, next.name, [next.port]);
    await ask(proxy, 'PUT', `/releases/${next.name}`, { instances: [local(next.port)] });
  },
  switchTo: async (proxy, next) => {
    await ask(proxy, 'PUT', '/weights', { weights: { [next.name]: 100 }, lease: null });
  },
  drain: async (proxy, before) => {
    await until(async () => ((await ask(proxy, 'GET', '/state')).figures[before.name]?.inFlight ?? 0) === 0);
    await ask(proxy, 'DELETE', `/releases/${before.name}`);
  },
};

const haproxySwitcher: Switcher = {
  kind: {
    ...haproxy,
    open: async ([first = 0]) => {
      const proxy = await haproxy.open([first, first]);
      await haproxyCommand(proxy, 'set server shop/s1 state maint');
      return proxy;
    },
  },
  how: 'runtime API: ready the new server, drain the old one',
  prepare: async (proxy, next) => {
    await haproxyCommand(proxy, `set server shop/s${next.slot} addr 127.0.0.1 port ${next.port}`);
  },
  switchTo: async (proxy, next, before) => {
    const commands = [`set server shop/s${next.slot} state ready`, `set server shop/s${before.slot} state drain`];
    await haproxyCommand(proxy, commands.join('; '));
  },
  drain: (proxy, before) =>
    until(async () => {
      const rows = (await haproxyCommand(proxy, 'show stat')).split('\n').map((row) => row.split(','));
      const current = rows[0]?.indexOf('scur') ?? 0;
      return Number(rows.find((row) => row[1] === `s${before.slot}`)?.[current]) === 0;
    }),
};

const nginxSwitcher: Switcher = {
  kind: nginx,
  how: 'reload of its configuration',
  prepare: () => Promise.resolve(),
  switchTo: async (proxy, next) => {
    await writeFile(path.join(proxy.folder, 'nginx.conf'), nginxConfig(proxy.folder, proxy.port, [next.port]));
    process.kill(proxy.process?.pid ?? 0, 'SIGHUP'); // what `nginx -s reload` does
  },
  drain: () => sleep(NGINX_WAIT_MS),
};

export const SWITCHERS: readonly Switcher[] = [routerSwitcher, haproxySwitcher, nginxSwitcher];

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + DRAIN_MS; performance.now() < deadline; await sleep(POLL_MS))
    if (await isSo()) return;
  throw new Error(`the old release had requests in flight ${DRAIN_MS / 1_000} s after the switch`);
}

function haproxyCommand(proxy: Proxy, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(path.join(proxy.folder, 'admin.sock'), () => socket.write(`${command}\n`));
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.on('error', reject).on('close', () => resolve(text));
  });
}
