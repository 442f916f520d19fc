/** Makes what a person sends a signed word of theirs, where the engine keeps identities. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { onlyStops } from '../../domain/identity/decide';
import type { IdentityView } from '../../domain/identity/identity';
import { statementText, type Proof, type Statement } from '../../domain/identity/statement';
import { EngineUnreachable, Refused } from '../errors';
import { withKnownKey } from './find-key';
import { signWith } from './sign-with';

export type Unsigned = Omit<Statement, 'expires' | 'nonce'>;

export interface Signer {
  /** null: nobody has an identity, or nobody can say so, or it only stops something and no key is at hand. @throws Refused, with what to do */
  sign(statement: Unsigned, options?: { readonly countsForMs?: number }): Promise<Proof | null>;
}

export interface SignerOptions {
  /** File of the key that was named; undefined: one that the engine knows is looked for. */
  readonly key: string | undefined;
  readonly identities: () => Promise<readonly IdentityView[] | null>;
}

const COUNTS_FOR_MS = 10 * 60_000;
/** Where no worker answers, what is sent waits for one, and whose word it is with it. */
const ASK_MS = 5_000;

export function createSigner({ key, identities }: SignerOptions): Signer {
  return {
    sign: async (unsigned, { countsForMs = COUNTS_FOR_MS } = {}) => {
      const known = await askedFor(identities);
      if (known.length === 0 && key === undefined) return null;
      const expires = new Date(Date.now() + countsForMs).toISOString();
      const statement = { ...unsigned, expires, nonce: randomUUID() };
      const { nonce, person, meaning } = statement;
      const text = statementText(statement);
      const fingerprints = known
        .filter((identity) => identity.person === person && identity.removedAt === null)
        .map(({ fingerprint }) => fingerprint);
      const use = (file: string): Promise<string> => signWith(file, text);
      const signature = key === undefined ? await withKnownKey(fingerprints, use) : await use(key);
      if (signature !== null) return { expires, nonce, signature };
      if (onlyStops(meaning)) return null;
      throw new Refused(noKey(person, fingerprints), null);
    },
  };
}

async function askedFor(identities: SignerOptions['identities']): Promise<readonly IdentityView[]> {
  try {
    const known = await Promise.race([identities(), sleep(ASK_MS, null, { ref: false })]);
    return known ?? [];
  } catch (error) {
    if (error instanceof EngineUnreachable || error instanceof Refused) return [];
    throw error;
  }
}

function noKey(person: string, fingerprints: readonly string[]): string {
  if (fingerprints.length === 0)
    return `${person} has no identity here, and a name alone is nobody's word: \`mvca identity list\` shows who has; say who you are with --as or MVCA_USER`;
  return (
    `no key of ${person} was found in ~/.ssh or in the agent (${fingerprints.join(', ')}): name its file with --key FILE or MVCA_KEY, ` +
    'or put it into the agent with ssh-add'
  );
}
