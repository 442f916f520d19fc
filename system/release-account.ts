/** Under which account the instances of a release run: one of its application and environment where we are root, else ours. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { accountFor, giveTo } from './accounts';
import { readJson, writeJson } from './durable-file';
import type { Home } from './home';
import { wordsOf } from './note';
import { cleanEnvironment, runCommand, succeeded } from './run-command';
import { confined, viewTable } from './sandbox/confined';
import { FIRST_ACCOUNT, type Account, type SandboxProblem } from './sandbox/sandbox';
import { same, toolFolders } from './sandbox/view';

const PROBE_MS = 10_000;

const accountFile = (folder: string): string => path.join(folder, 'account.json');

/** null: that of whoever runs the engine, as in releases of older versions. */
export async function readReleaseAccount(folder: string): Promise<Account | null> {
  const noted = await readJson<Account>(accountFile(folder));
  return noted === null ? null : { uid: noted.uid, gid: noted.gid };
}

/** Decided once, before a release has its files, and kept in its folder. */
export async function decideReleaseAccount(
  home: Home,
  folder: string,
  { app, environment }: { readonly app: string; readonly environment: string },
): Promise<Account | null> {
  const noted = await readReleaseAccount(folder);
  if (noted !== null || (await releaseAccountProblem()) !== null) return noted;
  const account = await accountFor(home, `release/${app}/${environment}`);
  await writeJson(accountFile(folder), { format: 1, ...account });
  return account;
}

let known: Promise<SandboxProblem> | null = null;

/** Why releases run as whoever runs the engine; null: they do not. Tried once a process, as it will be used. */
export const releaseAccountProblem = (): Promise<SandboxProblem> => (known ??= probe());

async function probe(): Promise<SandboxProblem> {
  if (process.platform !== 'linux') return `there are no namespaces on ${process.platform}`;
  if (process.getuid?.() !== 0) return 'only root can start programs under other accounts';
  const home = await mkdtemp(path.join(os.tmpdir(), 'mvca-account-'));
  try {
    const account = { uid: FIRST_ACCOUNT, gid: FIRST_ACCOUNT };
    const [app, place, table] = ['app', 'view', 'mounts'].map((name) => path.join(home, name)) as [
      string,
      string,
      string,
    ];
    for (const folder of [app, place]) await mkdir(folder);
    await giveTo(account, app);
    const shown = [same('rw', app), ...toolFolders(process.env['PATH'] ?? '', [home])];
    await writeFile(table, viewTable({ home, place, shown }));
    const argv = ['sh', '-c', '[ -w . ] && [ ! -e "$1" ]', 'sh', table];
    const { argv: whole, env } = confined(
      { account, table, lowPorts: false },
      { argv, env: cleanEnvironment(), cwd: app },
    );
    const result = await runCommand({ argv: whole, cwd: '/', env, timeoutMs: PROBE_MS });
    if (succeeded(result)) return null;
    return result.error ?? (result.tail.find((line) => !line.startsWith('mvca:')) || 'setpriv failed');
  } catch (error) {
    return wordsOf(error); // such as a root to whom a container gives few accounts
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** What to do where it cannot be had; root has it on every Linux that takes no capability from it. */
export const ACCOUNT_NEXT =
  'run the engine as root with util-linux 2.38 or newer (in a container with CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID), or run what must be apart under engines of different accounts';
