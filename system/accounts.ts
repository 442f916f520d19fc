/** Accounts of our own for what must not run as the engine: numbers that nobody else uses, given once and kept in the home. */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmod, chown, lchown, lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { readJson, writeDurably, writeJson } from './durable-file';
import type { Home } from './home';
import { withLock } from './lock';
import { FIRST_ACCOUNT, ourselves, type Account } from './sandbox/sandbox';

/** A random beginning within them keeps two homes of one machine apart. */
const COUNT = 100_000_000;
const LOCK_WAIT_MS = 20_000;
const TOGETHER = 1_000;

interface Ledger {
  readonly format: 1;
  /** What an account is for (`build/shop`) to its number. */
  readonly accounts: Readonly<Record<string, number>>;
}

/** The account for that use, the same every time; only root can give one away, anybody else has themselves. */
export async function accountFor(home: Home, use: string): Promise<Account> {
  if (process.getuid?.() !== 0) return ourselves();
  const file = path.join(home.root, 'accounts', 'ledger.json');
  return withLock(file, LOCK_WAIT_MS, async () => {
    const accounts = { ...(await readJson<Ledger>(file))?.accounts };
    const known = accounts[use];
    const taken = new Set(Object.values(accounts));
    let uid = known ?? FIRST_ACCOUNT + randomInt(COUNT);
    while (known === undefined && taken.has(uid)) uid += 1;
    if (known === undefined) {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await writeJson(file, { format: 1, accounts: { ...accounts, [use]: uid } } satisfies Ledger);
    }
    return { uid, gid: uid };
  });
}

/** A copy of a file of the machine's in which the account has a name: programs ask for their own. */
export async function namedIn(
  home: Home,
  { uid }: Account,
  kind: 'passwd' | 'group',
  folder: string,
): Promise<string | null> {
  const text = await readFile(`/etc/${kind}`, 'utf8').catch(() => ''); // a machine without: then this is all of it
  if (new RegExp(`^[^:]*:[^:]*:${uid}:`, 'm').test(text)) return null;
  const file = path.join(home.root, 'accounts', `${kind}-${uid}`);
  const row = kind === 'passwd' ? `mvca-app:x:${uid}:${uid}::${folder}:/bin/sh` : `mvca-app:x:${uid}:`;
  const wanted = `${text.replace(/\n?$/, '\n')}${row}\n`;
  // Those who see the earlier one go on with it.
  if ((await readFile(file, 'utf8').catch(() => null)) !== wanted) await writeDurably(file, wanted, 0o644);
  await chmod(file, 0o644);
  return file;
}

/**
 * Gives a folder away with all that lies in it; links are given away themselves and never followed. Nothing of the account may run in
 * it meanwhile. The folder itself comes last, so that one which is the account's already is so in all its depth.
 */
export async function giveTo({ uid, gid }: Account, folder: string): Promise<void> {
  const found = await lstat(folder);
  if (process.getuid?.() !== 0 || found.uid === uid) return;
  if (!found.isDirectory()) return lchown(folder, uid, gid);
  const names = (await readdir(folder)).map((name) => path.join(folder, name));
  for (let at = 0; at < names.length; at += TOGETHER)
    await promisify(execFile)('chown', ['-R', '-h', '-P', `${uid}:${gid}`, '--', ...names.slice(at, at + TOGETHER)]);
  await chown(folder, uid, gid);
}
