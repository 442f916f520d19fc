/** May this request act for the application? What is kept and what is asked in, the policy that applies or a refusal with words out. */
import { shown } from '../source/paths';
import { addressWords, overlaps } from './addresses';
import { approvalWords, effectiveApproval } from './approval';
import type { Admission, Claim, KeptAddress, KeptPolicy, RepositoryId } from './policy';

export interface Asked {
  readonly app: string;
  /** null: it comes from no folder, as a rollback. */
  readonly repository: RepositoryId | null;
  readonly claims: readonly Claim[];
}

/** @param kept null: nothing yet; @param taken addresses that are kept by anybody */
export function admit(asked: Asked, kept: KeptPolicy | null, taken: readonly KeptAddress[]): Admission {
  const reason = foreignRepository(asked, kept) ?? foreignAddress(asked, taken);
  if (reason !== null) return { kind: 'refused', reason };
  const environments = asked.claims.map(({ environment, approval }) => {
    const before = kept?.environments.find((each) => each.environment === environment)?.approval;
    return { environment, before: before ?? null, ...effectiveApproval(before, approval) };
  });
  const nobody = environments.find(({ impossible }) => impossible !== null);
  if (nobody !== undefined) {
    const next = `Ask for fewer in the spec, or change the policy: mvca policy set ${asked.app} ${nobody.environment}`;
    return { kind: 'refused', reason: `${nobody.environment}: ${nobody.impossible}. ${next}` };
  }
  return {
    kind: 'admitted',
    approvals: environments.map(({ environment, approval }) => ({ environment, approval })),
    weaker: environments.flatMap(({ environment, weaker, before }) =>
      weaker.length === 0
        ? []
        : [
            `the spec asks for a weaker approval of ${environment}: ${weaker.join(', ')}; the kept policy applies: ` +
              `${approvalWords(before)} (change it with: mvca policy set ${asked.app} ${environment})`,
          ],
    ),
    recorded: [],
  };
}

/** By their remotes where both have one, else by their folders. */
export function isSameRepository(one: RepositoryId, other: RepositoryId): boolean {
  if (one.remote !== null && other.remote !== null) return one.remote === other.remote && one.path === other.path;
  return one.folder === other.folder;
}

export const repositoryWords = ({ remote, path, folder }: RepositoryId): string =>
  remote === null ? shown(folder) : `${shown(remote)}${path === '' ? '' : ` (${shown(path)})`}`;

function foreignRepository({ app, repository }: Asked, kept: KeptPolicy | null): string | null {
  if (repository === null || kept === null || kept.repository === null) return null;
  if (isSameRepository(repository, kept.repository)) return null;
  return (
    `the name ${app} belongs to another repository: ${repositoryWords(kept.repository)}, since ${kept.since} by ${kept.by}; ` +
    `this is ${repositoryWords(repository)}. Give this application another name (\`app:\`), or, if ${app} has moved here, say so in ` +
    `this folder: mvca policy set ${app} --repository .`
  );
}

function foreignAddress({ app, claims }: Asked, taken: readonly KeptAddress[]): string | null {
  for (const { environment, addresses } of claims) {
    for (const address of addresses) {
      const keeper = taken.find(
        (kept) => overlaps(kept, address) && (kept.app !== app || kept.environment !== environment),
      );
      if (keeper === undefined) continue;
      return (
        `${environment} of ${app} wants ${addressWords(address)}, which is kept by ${keeper.environment} of ${keeper.app} ` +
        `(${addressWords(keeper)}). Choose another address, or let go of that one: mvca policy set ${keeper.app} ` +
        `${keeper.environment} --listen ADDRESS`
      );
    }
  }
  return null;
}
