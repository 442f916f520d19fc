/** Which TCP ports a process group listens on, as Linux tells it (proc(5): `net/tcp`, `net/tcp6`, `fd`). */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { readProcesses } from './process-group';

/** State `LISTEN` in /proc/net/tcp. */
const LISTEN = '0A';

/** Ports in ascending order; empty when nothing listens, or when /proc may not be read. */
export async function listeningPorts(leaderPid: number): Promise<readonly number[]> {
  const members = readProcesses().flatMap(({ pid, group }) => (group === leaderPid ? [pid] : []));
  const inodes = new Set((await Promise.all(members.map(socketsOf))).flat());
  if (inodes.size === 0) return [];
  const pid = members[0] ?? leaderPid;
  const rows = (await Promise.all(['tcp', 'tcp6'].map((table) => readRows(`/proc/${pid}/net/${table}`)))).flat();
  const ports = rows.filter((row) => row.state === LISTEN && inodes.has(row.inode)).map((row) => row.port);
  return [...new Set(ports)].sort((a, b) => a - b);
}

async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => [] as string[]); // gone, or of another user
  const targets = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

async function readRows(file: string): Promise<{ port: number; state: string; inode: string }[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 9)
    .map((fields) => ({
      port: parseInt((fields[1] ?? '').split(':')[1] ?? '0', 16),
      state: fields[3] ?? '',
      inode: fields[9] ?? '',
    }));
}
