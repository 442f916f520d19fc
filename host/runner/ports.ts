/** Ports for instances: below the ephemeral ones (ip_local_port_range begins at 32768), each given to one release of this home. */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { readJson, writeJson } from '../../system/durable-file';
import type { Home } from '../../system/home';
import { withLock } from '../../system/lock';

const FIRST = 20_000;
const COUNT = 12_000;
const LOCK_WAIT_MS = 20_000;

interface Ledger {
  readonly format: 1;
  /** Port to the folder of the release that has it. */
  readonly ports: Readonly<Record<string, string>>;
}

/**
 * Ports for `count` instances of the release in `directory`: the ones that it has already, and free ones for the rest. A release
 * has its ports until its folder is gone.
 * @throws Error when none is free.
 */
export async function reservePorts(home: Home, directory: string, count: number): Promise<readonly number[]> {
  const file = path.join(home.host, 'ports', 'ledger.json');
  return withLock(file, LOCK_WAIT_MS, async () => {
    const ledger = await readJson<Ledger>(file);
    const held = Object.entries(ledger?.ports ?? {}).filter(([, owner]) =>
      existsSync(path.join(owner, 'release.json')),
    );
    const taken = new Map(held.map(([port, owner]) => [Number(port), owner]));
    const mine = [...taken].filter(([, owner]) => owner === directory).map(([port]) => port);
    while (mine.length < count) {
      const port = await freePort(taken);
      taken.set(port, directory);
      mine.push(port);
    }
    await writeJson(file, { format: 1, ports: Object.fromEntries(taken) } satisfies Ledger);
    return mine.sort((a, b) => a - b).slice(0, count);
  });
}

async function freePort(taken: ReadonlyMap<number, string>): Promise<number> {
  // A random beginning keeps two homes of one machine apart.
  const begin = randomInt(COUNT);
  for (let n = 0; n < COUNT; n++) {
    const port = FIRST + ((begin + n) % COUNT);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no port between ${FIRST} and ${FIRST + COUNT - 1} is free; stop what holds them`);
}

/** Applications listen on one address or on all of them: both must be possible. */
const isFree = async (port: number): Promise<boolean> =>
  (await canListen(port, '127.0.0.1')) && (await canListen(port, undefined));

const canListen = (port: number, host: string | undefined): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
