/**
 * Runs a command where it sees programs, the folders that it is given and nothing else of the machine: no home, no process but its
 * own, on request no network. Namespaces of Linux by `unshare` and `setpriv` (util-linux); as root under another account, too.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { cleanEnvironment, runCommand, succeeded } from '../run-command';
import { carried } from './carried';
import { mountTable } from './mount-table';
import { FIRST_PROCESS, SETUP } from './script';
import { shownOfMachine, type Shown } from './view';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface SandboxRequest {
  readonly argv: readonly string[];
  /** All that the command gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Who runs it: another account where we are root, else ourselves. */
  readonly account: Account;
  /** An empty folder that nothing shown lies in. */
  readonly root: string;
  /** Beside the machine's programs; a later one covers an earlier one. */
  readonly shown: readonly Shown[];
  /** What must not be seen even where the PATH names a folder that holds it. */
  readonly hidden: readonly string[];
  readonly network: boolean;
  /** Most processes and threads of that account. */
  readonly processes: number;
}

/** Whether this machine can: `null` it can, else why not. */
export type SandboxProblem = string | null;

const PROBE_MS = 10_000;
const isRoot = (): boolean => process.getuid?.() === 0;

export interface Sandboxed {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The command that runs `argv` in a sandbox. Its exit code is the command's; 128 and more: it was ended by that signal less 128. */
export function sandboxed(request: SandboxRequest): Sandboxed {
  const { env, names } = carried(request.env);
  return { argv: commandOf(request, names), env };
}

function commandOf(request: SandboxRequest, names: readonly string[]): readonly string[] {
  const { argv, cwd, root, shown, hidden, network } = request;
  const all = [...shownOfMachine(process.env['PATH'] ?? '', hidden), ...shown];
  return [
    ...['unshare', '--mount', '--pid', '--ipc', '--fork', '--kill-child', '--propagation', 'private'],
    ...(isRoot() ? [] : ['--user', '--map-root-user']),
    ...(network ? [] : ['--net']),
    ...['--', '/bin/sh', '-c', SETUP, 'mvca-sandbox', root, cwd, network ? 'as-is' : 'up', mountTable(root, all)],
    ...all.flatMap(({ kind, source, place }) => [kind, source, place]),
    '--',
    ...asAccount(request),
    ...['/bin/sh', '-c', FIRST_PROCESS, 'mvca-sandbox', ...names, '--', ...argv],
  ];
}

/** Without any capability from here on. As an ordinary user: in a namespace of users in which nobody is root. */
function asAccount({ account: { uid, gid }, processes }: SandboxRequest): readonly string[] {
  const limits = ['prlimit', '--core=0:0', `--nproc=${processes}:${processes}`];
  if (!isRoot()) return ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--', ...limits];
  const nothing = ['--clear-groups', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all'];
  return [...limits, 'setpriv', `--reuid=${uid}`, `--regid=${gid}`, ...nothing, '--no-new-privs', '--'];
}

let known: Promise<SandboxProblem> | null = null;
let knownWithoutNetwork: Promise<SandboxProblem> | null = null;

/** Tried once a process, as it will be used. */
export const sandboxProblem = (): Promise<SandboxProblem> => (known ??= probe(true));

/** The same for a sandbox without a network. */
export const noNetworkProblem = (): Promise<SandboxProblem> => (knownWithoutNetwork ??= probe(false));

async function probe(network: boolean): Promise<SandboxProblem> {
  if (process.platform !== 'linux') return `there are no namespaces on ${process.platform}`;
  const root = await mkdtemp(path.join(os.tmpdir(), 'mvca-sandbox-'));
  try {
    const { argv, env } = sandboxed({
      argv: ['true'],
      env: cleanEnvironment(),
      cwd: '/',
      account: isRoot() ? { uid: FIRST_ACCOUNT, gid: FIRST_ACCOUNT } : ourselves(),
      root,
      shown: [],
      hidden: [],
      network,
      processes: 1_000,
    });
    const result = await runCommand({ argv, cwd: '/', env, timeoutMs: PROBE_MS });
    if (succeeded(result)) return null;
    return result.error ?? ([...result.tail].reverse().find((line) => !line.startsWith('mvca:')) || 'unshare failed');
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Accounts of ours begin here: beyond the ranges that distributions, containers and directories use. */
export const FIRST_ACCOUNT = 1_900_000_000;

export const ourselves = (): Account => ({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });

/** What to do where it cannot be had. */
export const SANDBOX_NEXT =
  'install util-linux 2.38 or newer; where a container or the kernel forbids namespaces, allow them (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0) or build elsewhere (MVCA_QUEUES)';
