/** What any deployment needs of a machine. */
import { access, constants, rm, statfs, writeFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fitsSocket, runtimeFolder } from '../../system/home';
import type { Home } from '../../system/home';
import { cleanEnvironment, runCommand, succeeded } from '../../system/run-command';
import { ACCOUNT_NEXT, releaseAccountProblem } from '../../system/release-account';
import { SANDBOX_NEXT, sandboxProblem } from '../../system/sandbox/sandbox';
import { isFree, pickPort, readPorts } from '../ports';
import { failing, ok, warning } from './finding';
import type { Finding } from './finding';

const OLDEST_NODE = '20.19.0';
const LATEST_END_OF_LIFE_MAJOR = 20;
const GIBIBYTE = 1024 ** 3;
const PROGRAM_MS = 20_000;
/** Before this no build of ours existed: a clock that says so is wrong. */
const EARLIEST_MS = Date.UTC(2025, 0, 1);

export function node(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST_NODE.split('.').map(Number);
  if (major < oldMajor || (major === oldMajor && minor < oldMinor)) {
    return failing('node', `Node ${version}, and ${OLDEST_NODE} or newer is needed`, 'install Node 22 or 24');
  }
  if (major <= LATEST_END_OF_LIFE_MAJOR) {
    return warning('node', `Node ${version} works, but gets no security fixes any more`, 'install Node 22 or 24');
  }
  return ok('node', `Node ${version}`);
}

export async function git(): Promise<Finding> {
  const said = await versionLine(['git', '--version']);
  return said === null
    ? warning('git', 'git is not there; versions come from folders then', 'apt-get install git')
    : ok('git', said);
}

/** Needed only where Temporal comes by pip. */
export async function pip(): Promise<Finding> {
  const said = await versionLine(['python3', '-m', 'pip', '--version']);
  return said === null
    ? warning(
        'pip',
        'python3 with pip is not there',
        'apt-get install python3-pip, or install the Temporal CLI yourself',
      )
    : ok('pip', said.replace(/ from .* \(/, ' ('));
}

export async function sandbox(): Promise<Finding> {
  const problem = await sandboxProblem();
  return problem === null
    ? ok('sandbox', 'builds and tests see their own folders, no home and no other process')
    : warning('sandbox', `builds and tests run as this account, without a sandbox: ${problem}`, SANDBOX_NEXT);
}

export async function releases(): Promise<Finding> {
  const problem = await releaseAccountProblem();
  return problem === null
    ? ok('releases', 'each application and environment runs under an account of its own')
    : warning('releases', `releases run as this account and may read all that it may: ${problem}`, ACCOUNT_NEXT);
}

/** Write-ahead log, artifacts and builds need room. */
export async function disk(home: Home): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearestFolder(home.root));
  const free = (bavail * bsize) / GIBIBYTE;
  const text = `${free.toFixed(1)} GiB free for ${home.root}`;
  if (free < 0.5) return failing('disk', text, 'free at least 1 GiB');
  return free < 2 ? warning('disk', text, 'free at least 2 GiB') : ok('disk', text);
}

export async function proc(): Promise<Finding> {
  const readable = await access('/proc/self/stat', constants.R_OK).then(
    () => true,
    () => false,
  );
  return readable
    ? ok('/proc', 'processes can be read')
    : failing('/proc', '/proc cannot be read, and processes are known by it', 'mount it: mount -t proc proc /proc');
}

export async function sockets(home: Home): Promise<Finding> {
  const longest = path.join(home.engine, 'postgres', 'socket', '.s.PGSQL.5432');
  if (fitsSocket(longest)) return ok('sockets', `lie in ${home.root}`);
  try {
    const folder = await runtimeFolder();
    const probe = path.join(folder, `probe-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
    return ok('sockets', `${home.root} is too long for sockets: short names in ${folder} are used`);
  } catch (error) {
    return failing('sockets', (error as Error).message, 'set a shorter MVCA_HOME');
  }
}

export async function ports(home: Home, running: boolean): Promise<Finding> {
  const kept = await readPorts(home);
  if (kept === null) return ok('ports', `picked at the first start, such as ${await pickPort()}`);
  const text = `${kept.temporal} (Temporal), ${kept.ui} (Web UI)`;
  if (running) return ok('ports', text);
  const taken = (
    await Promise.all([kept.temporal, kept.ui].map(async (port) => ((await isFree(port)) ? [] : [port])))
  ).flat();
  return taken.length === 0
    ? ok('ports', text)
    : warning(
        'ports',
        `${taken.join(' and ')} taken by something else`,
        'nothing: another one is picked at the next start',
      );
}

/** Leases, deadlines and certificates go by the clock. */
export async function clock(home: Home): Promise<Finding> {
  const now = Date.now();
  if (now < EARLIEST_MS)
    return failing('clock', `it is set to ${new Date(now).toISOString()}`, 'set it: timedatectl set-ntp true');
  const probe = path.join(await nearestFolder(home.root), `.mvca-clock-${process.pid}`);
  try {
    await writeFile(probe, '');
    const behind = Math.abs((await stat(probe)).mtimeMs - Date.now());
    await rm(probe, { force: true });
    if (behind > 5_000) {
      return warning(
        'clock',
        `the disk's clock is ${Math.round(behind / 1_000)} s off`,
        'set the clocks of both machines by NTP',
      );
    }
  } catch {
    // a folder that cannot be written is reported by its own finding
  }
  return ok('clock', new Date(now).toISOString());
}

export async function memory(): Promise<Finding> {
  const total = os.totalmem() / GIBIBYTE;
  const text = `${total.toFixed(1)} GiB in all, ${(os.freemem() / GIBIBYTE).toFixed(1)} GiB free`;
  return total < 1 ? warning('memory', text, 'the engine alone uses about 0.6 GiB') : ok('memory', text);
}

/** The folder itself, or the one that it would be made in. */
export async function nearestFolder(folder: string): Promise<string> {
  for (let candidate = folder; ; candidate = path.dirname(candidate)) {
    if ((await stat(candidate).catch(() => null))?.isDirectory()) return candidate;
    if (candidate === path.dirname(candidate)) return candidate;
  }
}

async function versionLine(argv: readonly string[]): Promise<string | null> {
  const result = await runCommand({ argv, cwd: '/', env: cleanEnvironment(), timeoutMs: PROGRAM_MS });
  return succeeded(result) ? (result.tail[0] ?? '') : null;
}
