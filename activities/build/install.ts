/** Installs an application's dependencies. */
import { access, constants, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import {
  isPlugAndPlay,
  LOCK_FILES,
  packageManagerOf,
  type PackageFacts,
  type PackageManager,
} from '../../domain/build/package-manager';
import { isWithin } from '../../domain/source/paths';
import type { Command } from '../../domain/spec/spec';
import { shortName, type Home } from '../../system/home';
import { openPlain, plainText } from '../../system/plain-file';
import { registryEnvironment } from '../../system/run-command';
import { fail, wordsOf } from '../failure';
import { keptPackages, type KeptPackage } from '../outside-packages';

const YARN_SETTINGS = '.yarnrc.yml';
/** As much of a lock file as tells its format. */
const LOCK_HEAD = 4096;
const SETTINGS_HEAD = 256 * 1024;
const LONGEST_PACKAGE = 16 * 1024 * 1024;

/** Where package managers keep what they fetched for an application: what one build leaves there, no other application installs. */
export const cacheFolder = (home: Home, app: string): string => path.join(home.root, 'cache', shortName(app));

/** A cache of ours, so that neither HOME nor a person's own one is needed. */
export function cacheVariables(cache: string): Record<string, string> {
  return { npm_config_cache: path.join(cache, 'npm'), npm_config_update_notifier: 'false' };
}

/** What an install sees beside the build's variables: how to reach the registry, and where to keep what comes. */
export function installVariables(cache: string, facts: PackageFacts): Record<string, string> {
  const manager = packageManagerOf(facts)?.name ?? null;
  return {
    ...registryEnvironment(),
    ...cacheVariables(cache),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    // npm would warn of a setting that is not its own.
    ...(manager === 'npm' ? {} : { npm_config_store_dir: path.join(cache, 'pnpm') }),
    // With Plug'n'Play the cache is where the packages are used from: it must lie in the application, and go with it.
    ...(isPlugAndPlay(facts) ? { YARN_ENABLE_GLOBAL_CACHE: 'false' } : { YARN_CACHE_FOLDER: path.join(cache, 'yarn') }),
    YARN_GLOBAL_FOLDER: path.join(cache, 'yarn-berry'),
    YARN_ENABLE_TELEMETRY: '0',
  };
}

/** What decides how to install. @throws `BuildFailed` for a package.json that is none. */
export async function packageFacts(root: string): Promise<PackageFacts> {
  const files = new Set(await readdir(root));
  if (!files.has('package.json')) return { files, packageJson: null, lock: '', yarnSettings: '' };
  const text = await plainText(await fileIn(root, 'package.json'), LONGEST_PACKAGE).catch((cause: unknown) => {
    throw fail('BuildFailed', `package.json cannot be read: ${wordsOf(cause)}. Next: make it a file`, { cause });
  });
  let packageJson: unknown;
  try {
    packageJson = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw fail('BuildFailed', 'package.json is not JSON. Next: repair it', { cause });
  }
  if (typeof packageJson !== 'object' || packageJson === null || Array.isArray(packageJson))
    throw fail('BuildFailed', 'package.json does not hold an object. Next: repair it');
  const lockFile = LOCK_FILES.find((name) => files.has(name));
  const beginning = async (name: string | undefined, bytes: number): Promise<string> =>
    name === undefined || !files.has(name) ? '' : head(await fileIn(root, name), bytes);
  const yarnSettings = await beginning(YARN_SETTINGS, SETTINGS_HEAD);
  return { files, packageJson, lock: await beginning(lockFile, LOCK_HEAD), yarnSettings };
}

export interface Install {
  readonly commands: readonly Command[];
  readonly warnings: readonly string[];
}

/** The spec's commands, else what the lock file asks for. */
export async function installOf(facts: PackageFacts, declared: readonly Command[] | null): Promise<Install> {
  if (declared !== null) return { commands: declared, warnings: [] };
  const manager = packageManagerOf(facts);
  if (manager === null) return { commands: [], warnings: [] };
  const { dependencies, devDependencies, optionalDependencies, workspaces } = facts.packageJson as Record<
    string,
    unknown
  >;
  const empty = [dependencies, devDependencies, optionalDependencies].every(
    (list) => Object.keys(list ?? {}).length === 0,
  );
  if (!manager.repeatable && empty && workspaces === undefined) return { commands: [], warnings: [] };
  const warning =
    'there is no lock file: a later build of the same source may install other packages. Next: npm install --package-lock-only, and commit package-lock.json';
  return {
    commands: [await runnable(manager.install, manager.fetched)],
    warnings: manager.repeatable ? [] : [warning],
  };
}

/**
 * Commands that give npm what its lock file names out of the source.
 * @throws `BuildFailed` when one of those archives is not kept: npm would look for it beside the work folder.
 */
export async function outsideInstall(home: Home, folder: string, give: GiveFile): Promise<readonly Command[]> {
  const packages = await keptPackages(home, folder);
  const add = async ({ name, path: place, file }: KeptPackage): Promise<Command> => {
    if (file !== null) return ['npm', 'cache', 'add', await give(file)];
    const what = `package-lock.json takes ${name} from ${place}, which lies out of the source`;
    const next = 'put the archive into the application and install it from there (npm i ./it.tgz), or publish it';
    throw fail('BuildFailed', `${what}, and the archive that it means is not there. Next: ${next}`);
  };
  return Promise.all(packages.map(add));
}

/** Puts a copy of a file where commands see it, and answers where that is. */
export type GiveFile = (file: string) => Promise<string>;

/** The command as it is where its program is on the PATH; else by the package that npm fetches. */
export async function runnable(command: Command, fetched: string | null): Promise<Command> {
  const [program = '', ...args] = command;
  if (fetched === null || (await isOnPath(program))) return command;
  return ['npm', 'exec', '--yes', `--package=${fetched}`, '--', program, ...args];
}

/** A command of the package manager that the lock file names runs as the install did, also where that is not on the PATH. */
export async function asFetched(root: string, command: Command): Promise<Command> {
  const [program = ''] = command;
  if (!FETCHED.includes(program) || (await isOnPath(program))) return command;
  const manager = packageManagerOf(await packageFacts(root));
  return manager?.name === program ? runnable(command, manager.fetched) : command;
}

const FETCHED: readonly string[] = ['pnpm', 'yarn'] satisfies PackageManager['name'][];

export async function isOnPath(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(
    folders.map((folder) =>
      access(path.join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** Where a link leads within the folder. @throws `BuildFailed` where it leads out of it */
async function fileIn(root: string, name: string): Promise<string> {
  const [real, top] = [await realpath(path.join(root, name)), await realpath(root)];
  if (isWithin(real, top)) return real;
  throw fail('BuildFailed', `${name} leads out of the application. Next: make it a file`);
}

/** @throws `BuildFailed` */
async function head(file: string, bytes: number): Promise<string> {
  const opened = await openPlain(file);
  if (opened.kind === 'refused')
    throw fail('BuildFailed', `${path.basename(file)} ${opened.reason}. Next: make it a file`);
  const { handle } = opened;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
