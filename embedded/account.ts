/** As whom PostgreSQL runs: it refuses root, so as root it gets an account of its own, or at least another one of the machine. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { accountFor, namedIn } from '../system/accounts';
import type { Home } from '../system/home';
import { releaseAccountProblem } from '../system/release-account';
import { FIRST_ACCOUNT } from '../system/sandbox/sandbox';
import { EngineRefusal } from './engine';

export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  /** Nothing else of the machine runs under it. */
  readonly isOwn?: boolean;
  /** A copy of /etc/passwd in which it has a name; missing: the machine has one for it. */
  readonly passwd?: string | null;
}

/** In this order; `initdb` needs one that the machine has a name for. */
const CANDIDATES = ['postgres', 'nobody', 'daemon', 'www-data'];

/**
 * An account that nothing else runs under: by `/proc/<pid>/fd` whoever shares it gets at the folder that the server was handed, past all closed
 * folders above. null: this process's own will do.
 */
export async function ownAccount(home: Home, folder: string): Promise<Account | null> {
  if (!(await canBeOwn())) return postgresAccount(folder);
  const account = await accountFor(home, 'engine/postgres');
  return { ...account, ...OWN, passwd: await namedIn(home, account, 'passwd', '/') };
}

/** The same without giving one away: for questions, also of a home that is not there yet. */
export const likelyAccount = async (folder: string): Promise<Account | null> =>
  (await canBeOwn()) ? { uid: FIRST_ACCOUNT, gid: FIRST_ACCOUNT, ...OWN } : postgresAccount(folder);

const OWN = { name: 'an account of its own', isOwn: true };
const canBeOwn = async (): Promise<boolean> => process.getuid?.() === 0 && (await releaseAccountProblem()) === null;

/** One of the machine's, which others may share. null: this process's own account will do. As root it is the owner of `folder`, if that is there already. */
export async function postgresAccount(folder: string): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const accounts = await accountsOf('/etc/passwd');
  const owner = await stat(path.join(folder, 'data')).catch(() => null);
  if (owner !== null && owner.uid !== 0) {
    const known = accounts.find(({ uid }) => uid === owner.uid);
    return { uid: owner.uid, gid: owner.gid, name: known?.name ?? `uid ${owner.uid}` };
  }
  for (const name of CANDIDATES) {
    const account = accounts.find((candidate) => candidate.name === name && candidate.uid !== 0);
    if (account !== undefined) return account;
  }
  throw new EngineRefusal(
    `PostgreSQL does not run as root, and this machine has none of the accounts ${CANDIDATES.join(', ')}: make one (useradd --system postgres)`,
  );
}

/** The number of an account by its name, or by itself. @throws EngineRefusal when the machine has none of that name. */
export async function accountNumber(name: string): Promise<number> {
  if (/^\d+$/.test(name)) return Number(name);
  const account = (await accountsOf('/etc/passwd')).find((candidate) => candidate.name === name);
  if (account !== undefined) return account.uid;
  throw new EngineRefusal(`there is no account \`${name}\` in /etc/passwd; its number (\`id -u\`) will do as well`);
}

async function accountsOf(file: string): Promise<Account[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  return lines
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}
