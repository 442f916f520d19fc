/** Programs of this machine that benches use where they are there. */
import { spawnSync } from 'node:child_process';

const versions = new Map<string, string | null>();

/** The version that a program says with `-v`; null when it is not installed. */
export function versionOf(program: 'haproxy' | 'nginx' | 'wrk'): string | null {
  const known = versions.get(program);
  if (known !== undefined) return known;
  const { error, stdout, stderr } = spawnSync(program, ['-v'], { encoding: 'utf8' });
  const version = error === undefined ? (/\d+\.\d[\w.+-]*/.exec(stdout + stderr)?.[0] ?? 'of unknown version') : null;
  versions.set(program, version);
  return version;
}
