/** Where values of secrets come from. A value is resolved at the moment of use, and never leaves the worker's machine by us. */
import type { SecretOwner, SecretUser } from '../../domain/secrets/access';
import type { ResolvedSecret } from '../secret-access';

/** One kind of `secret://<kind>/<path>`. All calls may be repeated, change nothing and take milliseconds. */
export interface SecretProvider {
  /** How its references look: `secret://env/NAME`. */
  readonly forms: readonly string[];
  /** null: the path has none of the provider's forms. */
  parse(path: readonly string[]): SecretPlace | null;
}

interface Place {
  /** null: nothing is set there. */
  resolve(): Promise<ResolvedSecret | null>;
  /** Names that are set beside it; never values. */
  list(): Promise<readonly string[]>;
  readonly name: string;
  /** The next step where nothing is set: a command. */
  readonly remedy: string;
  /** The next step where it may be sent to that destination as well: a command. */
  allow(destination: string): string;
}

export type SecretPlace =
  | (Place & {
      readonly owner: SecretOwner;
      /** The command that shares it. */
      share(user: SecretUser): string;
    })
  /** It belongs to the machine, whose keeper lists who may use it. */
  | (Place & {
      readonly owner: null;
      /** Why that user may not, with the next step; null: it may. */
      refusal(user: SecretUser): string | null;
    });
