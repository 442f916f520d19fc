/** Values of secrets, for use inside other activities: what the resolver (see `secrets/`) promises to who needs one. */
import type { SecretUser } from '../domain/secrets/access';

export interface ResolvedSecret {
  readonly value: string;
  /** Tells two values apart and says nothing of either; a plan's digest covers it. */
  readonly version: string;
}

/** Where we send a value, as `destinationOf` writes it; null: the value is an address, and goes nowhere but there. */
export type SecretDestination = string | null;

export interface SecretAccess {
  /**
   * The value and its version, for that user and nobody else. Milliseconds; repeatable.
   * @throws `SecretMissing` or `SecretRefused` (final) that say what to do next, and never a value.
   */
  resolve(reference: string, user: SecretUser): Promise<ResolvedSecret>;
  /** The version, or null when it cannot be resolved now, or not for that user. Never throws. */
  version(reference: string, user: SecretUser): Promise<string | null>;
  /**
   * The same as `resolve`, for what is sent: refused as well where it is meant for another destination. One that was sent nowhere yet
   * may go there, and from then on only there.
   */
  resolveFor(reference: string, user: SecretUser, to: SecretDestination): Promise<ResolvedSecret>;
  /** Whether it is meant for that destination; false: nobody said so yet. @throws as `resolveFor`. */
  isMeantFor(reference: string, user: SecretUser, to: SecretDestination): Promise<boolean>;
}
