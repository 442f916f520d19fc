/** Where values of secrets come from. A value is resolved at the moment of use, and never leaves the worker's machine by us. */

export interface ResolvedSecret {
  readonly value: string;
  /** Tells two values apart and says nothing of either; a plan's digest covers it. */
  readonly version: string;
}

/** One kind of `secret://<kind>/<path>`. All calls may be repeated, change nothing and take milliseconds. */
export interface SecretProvider {
  /** How its references look: `secret://env/NAME`. */
  readonly forms: readonly string[];
  /** null: the path has none of the provider's forms. */
  parse(path: readonly string[]): SecretPlace | null;
}

export interface SecretPlace {
  /** null: nothing is set there. */
  resolve(): Promise<ResolvedSecret | null>;
  /** Names that are set beside it; never values. */
  list(): Promise<readonly string[]>;
  readonly name: string;
  /** The next step where nothing is set: a command. */
  readonly remedy: string;
}
