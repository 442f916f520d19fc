/**
 * Who listens on an instance's port. While an instance is away, any account of the machine may take its port; what users send must not
 * go there. A socket that listens keeps accounts other than its own from the port for as long as it is open, so that it is enough to
 * know once that it is the instance's, and then that it is still there.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isAlive, type ProcessIdentity } from './process-identity';
import { readProcesses, type ProcessRow } from './process-group';
import { listenersAtLoopback, type ListeningSocket } from './tcp-table';

export type ListenerProof =
  /** Everything that takes connections to 127.0.0.1 there belongs to the instance. */
  | { readonly kind: 'proven'; readonly sockets: readonly ListeningSocket[] }
  | { readonly kind: 'nobody' }
  /** `holder` in words. */
  | { readonly kind: 'foreign'; readonly holder: string };

/**
 * Looks whether the sockets that listen on the port are open in the process `leader`, in its group or session, or in what descends from
 * it. Where descriptors cannot be seen (another account's, or those of a program with capabilities), the account must be the same.
 * @param leader null: the instance does not run, and whoever listens is somebody else.
 */
export function proveListener(leader: ProcessIdentity | null, port: number): ListenerProof {
  const sockets = listenersAtLoopback(port);
  const [first] = sockets;
  if (first === undefined) return { kind: 'nobody' };
  const owned = leader === null ? null : ownedBy(leader, sockets);
  // A pid whose process ended meanwhile may be another's by now; a leader that still lives was there all the time.
  if (leader !== null && owned !== null && isAlive(leader)) {
    const stranger = sockets.find((socket) => !owned(socket));
    return stranger === undefined ? { kind: 'proven', sockets } : { kind: 'foreign', holder: holderOf(stranger) };
  }
  return { kind: 'foreign', holder: holderOf(first) };
}

/** `a process of nobody (uid 65534)`. */
const holderOf = ({ uid }: ListeningSocket): string => `a process of ${accountName(uid) ?? 'an account'} (uid ${uid})`;

type Owns = (socket: ListeningSocket) => boolean;

function ownedBy({ pid }: ProcessIdentity, sockets: readonly ListeningSocket[]): Owns {
  const own = openIn(pid);
  if (sockets.every(own)) return own; // no wrapper around it: the usual case
  const each = familyOf(pid, readProcesses()).map((row) => openIn(row.pid));
  return (socket) => each.some((owns) => owns(socket));
}

/** Group, session, and all descendants: a wrapper may begin a session of its own. */
function familyOf(leader: number, processes: readonly ProcessRow[]): readonly ProcessRow[] {
  const family = new Set(processes.filter(({ group, session }) => group === leader || session === leader));
  const pids = new Set([leader, ...[...family].map(({ pid }) => pid)]);
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const row of processes) {
      if (!pids.has(row.parent)) continue;
      family.add(row);
      pids.add(row.pid);
    }
  }
  return [...family];
}

function openIn(pid: number): Owns {
  try {
    const folder = `/proc/${pid}/fd`;
    const links = new Set(readdirSync(folder).map((name) => linkOf(`${folder}/${name}`)));
    return ({ inode }) => links.has(`socket:[${inode}]`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const uid = code === 'EACCES' || code === 'EPERM' ? accountOf(pid) : null;
    return (socket) => uid !== null && socket.uid === uid;
  }
}

function linkOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ''; // closed between two looks
  }
}

/** The account that its new sockets and files belong to. */
function accountOf(pid: number): number | null {
  const uids = /^Uid:\s+\d+\s+\d+\s+\d+\s+(\d+)$/m.exec(readText(`/proc/${pid}/status`))?.[1];
  return uids === undefined ? null : Number(uids);
}

function accountName(uid: number): string | null {
  for (const line of readText('/etc/passwd').split('\n')) {
    const [name, , id] = line.split(':');
    if (name !== undefined && id !== undefined && Number(id) === uid) return name;
  }
  return null;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
