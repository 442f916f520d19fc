/** Who else may be there to approve: the accounts of this machine, and the authors of the repository. */
import { gitIn } from '../system/git';
import { plainText } from '../system/plain-file';
import type { People } from '../domain/init/approvers';

const ACCOUNTS = '/etc/passwd';
const ACCOUNTS_BYTES = 1_000_000;
/** The numbers that people get (login.defs). */
const [FIRST_PERSON, LAST_PERSON] = [1_000, 59_999];
const NO_SHELL = /(?:nologin|false)$/;
/** Enough to see whether somebody else writes here. */
const COMMITS = 1_000;

/** Never throws: what cannot be read says nothing. */
export async function readPeople(folder: string, user: string, accounts = ACCOUNTS): Promise<People> {
  const listed = await plainText(accounts, ACCOUNTS_BYTES).catch(() => ''); // without a list nobody else is known
  const lines = await authorLines(folder);
  return {
    user,
    accounts: listed
      .split('\n')
      .map((line) => line.split(':'))
      .filter(isPerson)
      .map(([name = '']) => name)
      .filter((name) => name !== user),
    authors: { names: distinct(lines, 0), addresses: distinct(lines, 1) },
  };
}

const isPerson = ([, , number = '', , , , shell = '']: readonly string[]): boolean =>
  Number(number) >= FIRST_PERSON && Number(number) <= LAST_PERSON && shell !== '' && !NO_SHELL.test(shell);

async function authorLines(folder: string): Promise<readonly string[]> {
  try {
    const git = await gitIn(folder);
    const text = await git.text(['log', `--max-count=${COMMITS}`, '--format=%an%x09%ae']);
    return text.split('\n').filter((line) => line !== '' && !line.includes('[bot]'));
  } catch {
    return []; // no repository, or no commit yet
  }
}

const distinct = (lines: readonly string[], place: 0 | 1): readonly string[] => [
  ...new Set(lines.map((line) => line.split('\t')[place]?.toLowerCase() ?? '')),
];
