/** SSH keys and signatures made by the real programs of OpenSSH. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;

export interface KeyFile {
  readonly file: string;
  /** The line of its `.pub`. */
  readonly publicLine: string;
}

export function makeKey(folder: string, name: string, args: readonly string[] = ['-t', 'ed25519']): KeyFile {
  const file = path.join(folder, name);
  execFileSync('ssh-keygen', ['-q', ...args, '-N', '', '-C', `${name}@example.com`, '-f', file]);
  return { file, publicLine: readFileSync(`${file}.pub`, 'utf8') };
}

/** As `ssh-keygen -Y sign` prints it. */
export const signWith = (file: string, text: string, namespace: string, options: readonly string[] = []): string =>
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', file, ...options], {
    input: text,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });

export interface Checked {
  readonly folder: string;
  readonly publicLine: string;
  readonly text: string;
  readonly namespace: string;
  /** Framed. */
  readonly signature: string;
}

/** What `ssh-keygen -Y verify` says of it. */
export function sshAccepts({ folder, publicLine, text, namespace, signature }: Checked): boolean {
  const signers = path.join(folder, 'allowed_signers');
  writeFileSync(signers, `ana ${publicLine.trim()}\n`);
  writeFileSync(path.join(folder, 'signature'), signature);
  const args = ['-Y', 'verify', '-f', signers, '-I', 'ana', '-n', namespace, '-s', path.join(folder, 'signature')];
  return spawnSync('ssh-keygen', args, { input: text }).status === 0;
}

export const framed = (line: string): string =>
  `-----BEGIN SSH SIGNATURE-----\n${line.replace(/.{70}/g, '$&\n')}\n-----END SSH SIGNATURE-----\n`;
