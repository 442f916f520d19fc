/** The words of the product: the same in the spec, code, logs, CLI, Web UI, report and audit log. */

/** Environments are tiers, promoted in this order. */
export const TIERS = ['development', 'staging', 'production'] as const;
export type Tier = (typeof TIERS)[number];

export const PHASES = ['validate', 'build', 'development', 'staging', 'approval', 'production', 'watch'] as const;
export type Phase = (typeof PHASES)[number];

export const OUTCOMES = ['succeeded', 'rejected', 'rolled-back', 'rollback-failed'] as const;
/**
 * How a deployment ended, of its last environment. `rejected`: that was never changed; `rolled-back`: it was changed and
 * is again as it was.
 */
export type Outcome = (typeof OUTCOMES)[number];

/** What a gate says. Unknown is not a pass: `inconclusive` does not proceed unless a named person waives it. */
export type Verdict = 'passed' | 'refused' | 'inconclusive';

/** What the judge says of a new release. */
export type JudgeVerdict = 'healthy' | 'unhealthy' | 'inconclusive';

export type StepState = 'started' | 'succeeded' | 'refused' | 'inconclusive' | 'failed' | 'undone';

/** Share of the traffic by release, in percent (0 to 100). All zero: nobody serves. */
export type Weights = Readonly<Record<string, number>>;

/** Where an instance listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Every halt states the measured value, the limit, the sample size and the source. */
export interface Why {
  readonly measure: string;
  readonly value: string;
  readonly limit: string;
  readonly samples: string;
  readonly source: string;
}
