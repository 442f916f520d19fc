/** Which key speaks for a person here: one whose fingerprint the engine knows, in `~/.ssh` or in the agent. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readPublicKey } from '../../system/ssh/public-key';
import { run } from './sign-with';

/** Runs `use` with the file of a key that has one of the fingerprints; null where there is none. */
export async function withKnownKey<T>(
  fingerprints: readonly string[],
  use: (file: string) => Promise<T>,
): Promise<T | null> {
  const file = await inFolder(path.join(os.homedir(), '.ssh'), fingerprints);
  if (file !== null) return use(file);
  const line = await inAgent(fingerprints);
  if (line === null) return null;
  // ssh-keygen takes the key of an agent by the file of its public half.
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-key-'));
  try {
    const named = path.join(folder, 'key.pub');
    await writeFile(named, `${line}\n`);
    return await use(named);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inFolder(folder: string, fingerprints: readonly string[]): Promise<string | null> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.pub')).sort()) {
    const file = path.join(folder, name);
    const line = await readFile(file, 'utf8').catch(() => '');
    if (!fingerprints.includes(fingerprintOf(line))) continue;
    const privateHalf = file.slice(0, -'.pub'.length);
    return (await stat(privateHalf).catch(() => null)) === null ? file : privateHalf;
  }
  return null;
}

async function inAgent(fingerprints: readonly string[]): Promise<string | null> {
  const { code, out } = await run('ssh-add', ['-L'], '').catch(() => ({ code: 1, out: '' }));
  if (code !== 0) return null;
  return out.split('\n').find((line) => fingerprints.includes(fingerprintOf(line))) ?? null;
}

function fingerprintOf(line: string): string {
  try {
    return readPublicKey(line).fingerprint;
  } catch {
    return ''; // a key of another kind
  }
}
