/** What is written down for people and auditors: one entry per fact, keyed by run and sequence, so that writing is repeatable. */
export interface AuditEntry {
  /** Grows by one within a run. */
  readonly sequence: number;
  /** ISO; the workflow's clock. */
  readonly at: string;
  /** Who did it: a person, or `mvca`. */
  readonly actor: string;
  /** Such as `deployment.started`, `step.succeeded`, `approve.accepted`, `approve.refused`, `weights.set`, `outcome`. */
  readonly action: string;
  readonly environment: string | null;
  /** One line for people. */
  readonly summary: string;
  /** Plain facts; never a secret's value. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}
