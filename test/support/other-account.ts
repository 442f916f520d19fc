/** A script that runs as another account of the machine, as an attacker stands. */
import { spawn, spawnSync } from 'node:child_process';
import readline from 'node:readline';

/** Why no other account can be taken on here; null: it can. */
export function whyNoOtherAccount(): string | null {
  if (process.getuid?.() !== 0) return 'only root can run a program as another account';
  return spawnSync('setpriv', ['--version']).status === 0 ? null : 'there is no setpriv';
}

export interface OtherAccount {
  /** What it said so far. */
  readonly lines: () => readonly string[];
  end(): Promise<void>;
}

/** Node's `-e` as `account`, which gets `args`; without privileges and groups of ours, in a folder that everybody may read. */
export function runAs(account: string, script: string, args: readonly string[] = []): OtherAccount {
  const privileges = ['--reuid', account, '--regid', account === 'nobody' ? 'nogroup' : account, '--clear-groups'];
  const child = spawn('setpriv', [...privileges, process.execPath, '-e', script, '--', ...args], {
    cwd: '/',
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  readline.createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    lines: () => lines,
    end: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}
