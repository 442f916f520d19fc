/** What a person did with a secret, for the audit log: who, what, and never a value. */
import os from 'node:os';
import { personProblem } from '../../domain/approvals/person';
import { ALL_ENVIRONMENTS } from '../../system/secret-store';
import type { SecretDeed } from '../../system/secret-journal';
import type { ClientConfig } from '../config';

interface Doing {
  readonly action:
    'secret.set' | 'secret.unset' | 'secret.shared' | 'secret.unshared' | 'secret.allowed' | 'secrets.accepted';
  /** null: all secrets. */
  readonly reference: string | null;
  readonly summary: string;
  readonly facts?: SecretDeed['facts'];
}

/** The person as they say who they are, and the account, which is no claim. */
export function secretDeed({ user }: Pick<ClientConfig, 'user'>, doing: Doing): SecretDeed {
  const { action, reference, summary, facts = {} } = doing;
  const account = accountName();
  const [provider = '', app = '*', environment] = reference?.replace('secret://', '').split('/') ?? [];
  const isFile = provider === 'file';
  return {
    app: isFile ? app : '*',
    actor: personProblem(user) === null ? user : account,
    action,
    environment: isFile && environment !== ALL_ENVIRONMENTS && isPlace(reference) ? (environment ?? null) : null,
    summary,
    facts: { ...facts, ...(reference !== null && { reference }), account },
  };
}

/** `secret://file/app/environment/NAME`, and not `secret://file/app/NAME`. */
const isPlace = (reference: string | null): boolean => (reference ?? '').split('/').length === 6;

function accountName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 0}`; // an account without an entry, as in containers
  }
}
