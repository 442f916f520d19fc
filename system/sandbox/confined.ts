/**
 * Runs a program of root's under another account, in a view of its own: the machine as it is, but of the home, and of the closed folder
 * that the home lies in, nothing but what is listed. No process is put between: pid, group and session are those of who started it.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { carried } from './carried';
import { mountRow } from './mount-table';
import type { Account, Sandboxed } from './sandbox';
import { CARRY } from './script';
import { isFolder, isWithin, type Shown } from './view';

export interface Confinement {
  readonly account: Account;
  /** A file with `viewTable`, which nobody else may write. */
  readonly table: string;
  /** Whether it may listen on ports below 1024. */
  readonly lowPorts: boolean;
}

interface Program {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/**
 * Arguments: the table of mounts, the working directory, and the program that goes on with its arguments. The directory is entered
 * anew: by the one of before, everything around it could be reached.
 */
const SETUP = `
set -eu
table=$1; cwd=$2; shift 2
trap 'echo "mvca: the view of this release could not be set up, and it does not run without" >&2' EXIT
mount -a -T "$table"
cd "$cwd"
trap - EXIT
exec "$@"
`;

/** The command that runs it; start it anywhere. Mounts that the machine makes later are seen, others see none of its own. */
export function confined({ account: { uid, gid }, table, lowPorts }: Confinement, program: Program): Sandboxed {
  const { env, names } = carried(program.env);
  const kept = lowPorts ? ',+net_bind_service' : '';
  const capabilities = ['inh-caps', 'ambient-caps', 'bounding-set'].map((set) => `--${set}=-all${kept}`);
  return {
    argv: [
      ...['unshare', '--mount', '--propagation', 'slave', '--', '/bin/sh', '-c', SETUP, 'mvca-release'],
      ...[table, program.cwd],
      ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capabilities, '--no-new-privs', '--'],
      ...['/bin/sh', '-c', `${CARRY}exec "$@"`, 'mvca-release', ...names, '--', ...program.argv],
    ],
    env,
  };
}

export interface View {
  /** The root of the home. */
  readonly home: string;
  /** An empty folder, where the view is put together. */
  readonly place: string;
  /** What is seen all the same; and files of the machine's that are to look otherwise. */
  readonly shown: readonly Shown[];
}

/** For `mount -a -T`: the view is put together aside, and then put over what it hides. */
export function viewTable({ home, place, shown }: View): string {
  const closed = closedFolder(home);
  const seen = shown.map(({ kind, source, place: where }) => {
    const isHidden = isWithin(where, closed);
    const target = isHidden ? path.join(place, path.relative(closed, where)) : where;
    const options = [kind === 'ro' ? 'rbind,ro' : 'rbind', ...(isHidden && isFolder(source) ? ['X-mount.mkdir'] : [])];
    return mountRow(source, target, 'none', options.join(','));
  });
  const empty = mountRow('mvca', place, 'tmpfs', 'mode=0755,size=1m,nosuid,nodev');
  return [empty, ...seen, mountRow(place, closed, 'none', 'rbind')].join('');
}

/** The first folder on the way to the home that other accounts may not enter; else the home. */
export function closedFolder(home: string): string {
  const above = home.split('/').map((_, at, names) => names.slice(0, at + 1).join('/'));
  return above.slice(1).find((folder) => isFolder(folder) && (statSync(folder).mode & 0o001) === 0) ?? home;
}
