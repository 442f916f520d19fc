/** What is signed when keys of people are added or removed. */
import type { IdentityChange } from './identity';
import { statementText, type Statement } from './statement';

type Changing = Pick<IdentityChange, 'kind' | 'person' | 'by'> & {
  readonly reason?: string;
  /** Workflow id. */
  readonly deployment: string;
  readonly fingerprint: string;
  readonly proof: Pick<Statement, 'expires' | 'nonce'>;
};

/** Signed by the person whose key it is: the key stands as digest, and whose it is as finding. */
export const changeStatement = ({ kind, person, by, reason, deployment, fingerprint, proof }: Changing): Statement => ({
  person: by,
  application: '*',
  deployment,
  run: null,
  meaning: kind === 'add' ? 'identity-add' : 'identity-remove',
  digest: fingerprint,
  finding: person,
  reason: reason ?? null,
  expires: proof.expires,
  nonce: proof.nonce,
});

/** What the machine signs: never the text of a person. */
export const machineText = (statement: Statement): string => `mvca machine ${statementText(statement)}`;
