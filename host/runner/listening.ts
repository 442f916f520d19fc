/** Which TCP ports are listened on, from /proc/net (proc(5)): found without connecting to an application. */
import { readFileSync } from 'node:fs';

const LISTEN = '0A';

export function listeningPorts(): ReadonlySet<number> {
  const ports = new Set<number>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of read(file).split('\n').slice(1)) {
      const [, local, , state] = line.trim().split(/\s+/);
      if (state === LISTEN && local !== undefined)
        ports.add(Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
    }
  }
  return ports;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // a kernel without IPv6
  }
}
