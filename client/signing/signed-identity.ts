/** A change of whose keys count, signed by the home of the engine, or by the person whose keys they are. */
import { randomUUID } from 'node:crypto';
import { changeStatement, machineText } from '../../domain/identity/change';
import type { IdentityChange, MachineProof } from '../../domain/identity/identity';
import type { Proof } from '../../domain/identity/statement';
import type { Home } from '../../system/home';
import { signText } from '../../system/signing';
import type { SignedChange } from '../deployments';
import { Refused } from '../errors';
import type { Signer } from './signer';

type Unproven<C> = C extends IdentityChange ? Omit<C, 'proof'> : never;

interface Changing {
  readonly change: Unproven<IdentityChange>;
  readonly fingerprint: string;
}

const COUNTS_FOR_MS = 10 * 60_000;

/** By the key of this machine's home, which counts where that is the engine's. */
export async function signedByHome(home: Home, { change, fingerprint }: Changing): Promise<SignedChange> {
  const workflowId = `identity/${randomUUID()}`;
  const when = { expires: new Date(Date.now() + COUNTS_FOR_MS).toISOString(), nonce: randomUUID() };
  const statement = changeStatement({ ...change, deployment: workflowId, fingerprint, proof: when });
  const { key: machine, signature } = await signText(home, machineText(statement));
  return { workflowId, change: withProof(change, { ...when, machine, signature }) };
}

/** By a key of the person's own. @throws Refused */
export async function signedByPerson(signer: Signer, { change, fingerprint }: Changing): Promise<SignedChange> {
  const workflowId = `identity/${randomUUID()}`;
  const unsigned = changeStatement({
    ...change,
    deployment: workflowId,
    fingerprint,
    proof: { expires: '', nonce: '' },
  });
  const proof = await signer.sign(unsigned);
  if (proof === null)
    throw new Refused('nobody has an identity here yet: the first one is added in the home of the engine', null);
  return { workflowId, change: withProof(change, proof) };
}

const withProof = (change: Unproven<IdentityChange>, proof: Proof | MachineProof): IdentityChange => ({
  ...change,
  proof,
});
