/** Other accounts of the machine: an engine of theirs, or an attempt from there. Only root can take them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const isRoot = process.getuid?.() === 0;

/** Numbers that own nothing; the second need not have a name. */
export const NOBODY = 65_534;
export const STRANGER = 65_533;

const fixture = (name: string) => require.resolve(`../fixtures/embedded/${name}`);

/** Runs a script of the fixtures as that account, or as this one (null), and answers what it printed as JSON; `before` is a command that runs it. */
export async function runAs<T>(
  account: number | null,
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Promise<T> {
  const asOther = account === null ? {} : { uid: account, gid: account };
  const [program = '', ...rest] = [...before, process.execPath, fixture(script), ...args];
  const { stdout } = await promisify(execFile)(program, rest, {
    ...asOther,
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', ...env },
  });
  return JSON.parse(stdout) as T;
}
