/** Signs with the key of a person: by ssh-keygen (files, agents, security keys), or by Node where the key is Ed25519 in PEM. */
import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SIGNATURE_NAMESPACE } from '../../domain/identity/statement';
import { oneLine, signEd25519 } from '../../system/ssh/sshsig';
import { Refused } from '../errors';

/** @param file a private key; or a public one, whose private half an agent holds. @throws Refused with what to do */
export async function signWith(file: string, text: string): Promise<string> {
  const place = path.resolve(file);
  const key = await readFile(place, 'utf8').catch((cause: Error) => {
    throw new Refused(`the key ${file} cannot be read: ${cause.message}`, null, { cause });
  });
  if (!/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(key)) return bySshKeygen(place, text);
  try {
    return signEd25519(text, SIGNATURE_NAMESPACE, createPrivateKey(key));
  } catch (cause) {
    const words = 'it must be an Ed25519 key in PEM without a passphrase, or a key of ssh-keygen';
    throw new Refused(`nothing can be signed with ${file}: ${words}`, null, { cause });
  }
}

/** It asks for a passphrase on the terminal itself; the key is never an argument, only the name of its file. */
async function bySshKeygen(file: string, text: string): Promise<string> {
  const { code, out, err } = await run('ssh-keygen', ['-Y', 'sign', '-n', SIGNATURE_NAMESPACE, '-f', file], text);
  if (code === 0) return oneLine(out);
  throw new Refused(`ssh-keygen did not sign with ${file}: ${err.trim().split('\n').at(-1) ?? ''}`, null);
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of OpenSSH. @throws Refused where it is missing */
export function run(program: string, args: readonly string[], input: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.on('error', () => undefined); // it ended before it read
    child.once('error', (cause) => reject(missing(program, cause)));
    child.once('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

const missing = (program: string, cause: Error): Refused =>
  new Refused(
    `${program} cannot be run (${cause.message}): install OpenSSH, or use an Ed25519 key in PEM (openssl genpkey -algorithm ed25519)`,
    null,
    { cause },
  );
