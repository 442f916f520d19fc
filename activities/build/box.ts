/** The sandbox of an application's commands: its work folder, its caches, a home of its own, and the machine's programs. */
import { copyFile, chmod, mkdir, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { accountFor, giveTo, namedIn } from '../../system/accounts';
import type { Home } from '../../system/home';
import {
  noNetworkProblem,
  sandboxed,
  sandboxProblem,
  SANDBOX_NEXT,
  type Account,
  type SandboxRequest,
} from '../../system/sandbox/sandbox';
import { same, type Shown } from '../../system/sandbox/view';
import { fail } from '../failure';
import type { BenchCommand } from '../workshop';
import type { WorkFolder } from './work-folder';

/** Processes and threads: a Node has about a dozen, and no honest build has hundreds of Nodes. */
const PROCESSES = 4_096;

export interface BoxRequest {
  readonly home: Home;
  readonly app: string;
  readonly folder: WorkFolder;
  /** Where the package managers of the application keep what they fetched. */
  readonly cache: string;
  /** More folders of the machine that commands may write to. */
  readonly shared: readonly string[];
}

export interface Boxed {
  readonly argv: readonly string[];
  /** All of it. */
  readonly env: Readonly<Record<string, string>>;
  readonly isSandboxed: boolean;
}

/** Makes ready what the command needs. @throws `BuildFailed` when it must not reach the network, and this machine cannot see to that. */
export async function boxed(box: BoxRequest, command: BenchCommand, env: Record<string, string>): Promise<Boxed> {
  const problem = await sandboxProblem();
  const network = command.network ?? true;
  if (!network) await refuseOpenNetwork();
  if (problem !== null) return { argv: command.argv, env, isSandboxed: false };
  const account = await accountFor(box.home, `build/${box.app}`);
  const cwd = command.folder ?? box.folder.tree;
  await prepare(box, account, cwd);
  const registry = command.registry === true ? await registryFiles(env) : { env: {}, shown: [] };
  const request: SandboxRequest = {
    argv: command.argv,
    env: { ...env, HOME: box.folder.home, ...registry.env },
    cwd,
    account,
    root: box.folder.sandbox,
    shown: [...(await shownOf(box, account)), ...registry.shown],
    hidden: [box.home.root, os.homedir()],
    network,
    processes: PROCESSES,
  };
  return { ...sandboxed(request), isSandboxed: true };
}

async function refuseOpenNetwork(): Promise<void> {
  const problem = await noNetworkProblem();
  if (problem === null) return;
  const what = 'the spec wants no network for this command (`network`), and this machine cannot take it away';
  throw fail('BuildFailed', `${what}: ${problem}. Next: ${SANDBOX_NEXT}; or allow the network in the spec`);
}

async function prepare({ folder, cache }: BoxRequest, account: Account, cwd: string): Promise<void> {
  await mkdir(folder.sandbox, { recursive: true, mode: 0o700 });
  await mkdir(folder.temporary, { recursive: true });
  await chmod(folder.temporary, 0o1777);
  for (const own of [folder.home, cache]) await mkdir(own, { recursive: true, mode: 0o700 });
  for (const own of new Set([folder.home, cache, folder.tree, cwd])) await giveTo(account, own);
}

async function shownOf({ home, folder, cache, shared }: BoxRequest, account: Account): Promise<Shown[]> {
  const files = await Promise.all(
    (['passwd', 'group'] as const).map(async (kind): Promise<Shown[]> => {
      const source = await namedIn(home, account, kind, folder.home);
      return source === null ? [] : [{ kind: 'ro', source, place: `/etc/${kind}` }];
    }),
  );
  return [
    { kind: 'rw', source: folder.temporary, place: '/tmp' },
    ...files.flat(),
    ...[folder.tree, folder.home, cache, ...shared].map((place) => same('rw', place)),
  ];
}

/** npm's settings of this person, and the files of keys and certificates that the variables of an install name. */
async function registryFiles(env: Record<string, string>): Promise<{ env: Record<string, string>; shown: Shown[] }> {
  const own = (name: string) => path.join(os.homedir(), name);
  const settings = env['npm_config_userconfig'] ?? own('.npmrc');
  const named = Object.entries(env).filter(([name]) => FILE_VARIABLE.test(name));
  const places = [settings, own('.yarnrc'), own('.yarnrc.yml'), ...named.map(([, file]) => file)];
  const there: string[] = [];
  for (const place of new Set(places)) if (path.isAbsolute(place) && (await isFile(place))) there.push(place);
  return {
    env: { npm_config_userconfig: settings },
    shown: there.map((place) => ({ kind: 'copy', source: place, place })),
  };
}

const FILE_VARIABLE = /^(ssl_cert_file|node_extra_ca_certs|npm_config_(globalconfig|cafile|certfile|keyfile))$/i;

/** Puts a copy of a file of ours where the commands of that folder see it. */
export async function giveFile(folder: WorkFolder, file: string): Promise<string> {
  await mkdir(folder.temporary, { recursive: true });
  const place = path.join(folder.temporary, path.basename(file));
  await copyFile(file, place);
  await chmod(place, 0o644);
  return (await sandboxProblem()) === null ? path.join('/tmp', path.basename(file)) : place;
}

const isFile = (place: string): Promise<boolean> =>
  stat(place).then(
    (found) => found.isFile(),
    () => false,
  );
