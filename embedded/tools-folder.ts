/** Where fetched programs are kept: one folder for all homes of a user, so that a second home fetches nothing. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readJson, writeJson } from '../system/durable-file';
import type { Home } from '../system/home';
import { withLock } from '../system/lock';

const INSTALL_WAIT_MS = 10 * 60_000;

export interface Tool {
  /** Folder name: program and version. */
  readonly name: string;
  /** The program's file name in that folder. */
  readonly file: string;
  /** null: no digest is published, and TLS alone vouches for it. */
  readonly sha256: string | null;
  /** Puts the program into the folder, which is empty. */
  readonly fetch: (folder: string) => Promise<void>;
}

interface Installed {
  readonly sha256: string;
  readonly bytes: number;
  readonly mtimeMs: number;
}

/** `$XDG_CACHE_HOME/mvca/tools`, or `<home>/engine/tools` where that cannot be written. */
export async function toolsFolder(home: Home, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const cache = environment['XDG_CACHE_HOME'] || path.join(environment['HOME'] || os.homedir(), '.cache');
  const shared = path.join(cache, 'mvca', 'tools');
  if (path.isAbsolute(shared) && (await canWrite(shared))) return shared;
  const own = path.join(home.engine, 'tools');
  await mkdir(own, { recursive: true, mode: 0o700 });
  return own;
}

/** The tool's program where it lies whole and unchanged; else null. */
export async function installedTool(
  folder: string,
  tool: Pick<Tool, 'name' | 'file' | 'sha256'>,
): Promise<string | null> {
  const program = path.join(folder, tool.name, tool.file);
  const known = await readJson<Installed>(`${program}.json`).catch(() => null);
  const found = await lstat(program).catch(() => null);
  if (known === null || found === null || !found.isFile() || !isTrusted(found)) return null;
  if (tool.sha256 !== null && known.sha256 !== tool.sha256) return null;
  if (known.bytes === found.size && known.mtimeMs === found.mtimeMs) return program;
  return (await sha256Of(program)) === known.sha256 ? program : null;
}

/**
 * The tool's program; fetched when it is not there. Whole or not at all, and once, however many ask at the same time.
 * @throws what `fetch` throws; Error when the digest is not the expected one, and then nothing is kept.
 */
export async function ensureTool(folder: string, tool: Tool): Promise<string> {
  const present = await installedTool(folder, tool);
  if (present !== null) return present;
  return withLock(path.join(folder, tool.name), INSTALL_WAIT_MS, async () => {
    const meanwhile = await installedTool(folder, tool);
    if (meanwhile !== null) return meanwhile;
    const temporary = path.join(folder, `.${tool.name}.${process.pid}.${randomUUID().slice(0, 8)}`);
    try {
      await mkdir(temporary, { recursive: true, mode: 0o755 });
      await tool.fetch(temporary);
      await seal(path.join(temporary, tool.file), tool.sha256);
      const final = path.join(folder, tool.name);
      await rm(final, { recursive: true, force: true });
      await rename(temporary, final);
      return path.join(final, tool.file);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
}

/** A file that another user could have written, or can still write, is not run. */
export function isTrusted(found: { readonly uid: number; readonly mode: number }): boolean {
  return (found.uid === (process.getuid?.() ?? 0) || found.uid === 0) && (found.mode & 0o022) === 0;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function seal(program: string, expected: string | null): Promise<void> {
  const sha256 = await sha256Of(program);
  if (expected !== null && sha256 !== expected) {
    throw new Error(`what was fetched has SHA-256 ${sha256}, and ${expected} was expected; it was thrown away`);
  }
  const { size, mtimeMs } = await stat(program);
  await writeJson(`${program}.json`, { sha256, bytes: size, mtimeMs } satisfies Installed);
}

async function canWrite(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await access(folder, constants.W_OK | constants.X_OK);
    return isTrusted(await stat(folder));
  } catch {
    return false; // read-only, or another user's: the home will do
  }
}
