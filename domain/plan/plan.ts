/** Exactly what will happen, known by its digest. Made from the spec and from facts by `make-plan.ts`. */
import type { FreezeStanding } from '../freezes/freeze';
import type { StrategyStep } from '../strategies/strategy';
import type { Tier } from '../words';
import type { VerdictForecast } from './verdicts';

export interface Plan {
  readonly app: string;
  readonly version: string;
  /** Digest of the build's inputs: the same inputs give the same artifact, built or not yet. */
  readonly inputs: string;
  readonly environments: readonly PlannedEnvironment[];
  /** This version was rolled back before, and why it is deployed again; missing: it was not. */
  readonly again?: { readonly was: string; readonly reason: string };
  /** The same source was rolled back under another version: worth knowing, and refuses nothing. */
  readonly sameSource?: string;
  /** Where the spec asks for a weaker approval than the kept policy, which applies; missing: nowhere. */
  readonly weaker?: readonly string[];
  /** What the machines on the way cannot see to, and what the source lacks, when the plan was shown; missing: nothing. */
  readonly warnings?: readonly string[];
  /** As they stood when the plan was shown; missing: nobody asked. */
  readonly freezes?: FreezeStanding;
  /** Digest of what was built; missing: it is not built yet. */
  readonly artifact?: string;
  /** `digest` as it was before that, as `mvca plan` shows it. */
  readonly drawn?: string;
  /** `sha256:…` over everything that an approver says yes to; not over times, ids or history. */
  readonly digest: string;
}

export interface PlannedEnvironment {
  readonly environment: Tier;
  readonly strategy: string;
  /** The release that serves now, to which a rollback goes back; null for the first release. */
  readonly target: { readonly release: string; readonly version: string; readonly artifact: string } | null;
  /** Why there is no good way back, or what the way back is. */
  readonly wayBack: string;
  /** Why going back would help nobody; missing: it would. It stops nothing: a broken release does not block its fix. */
  readonly badWayBack?: string;
  /** Going back takes this long at most; then it is `rollback-failed`. Missing: planned by an earlier version. */
  readonly undoWithinMs?: number;
  /** In order; each with what it does and its undo. */
  readonly steps: readonly PlannedStep[];
  readonly approval: {
    readonly from: readonly string[];
    readonly needs: number;
    readonly deadlineMs: number;
    readonly requester: 'may' | 'may-not';
  } | null;
  /** Digest of the environment's section of the spec. */
  readonly configuration: string;
  /** Variable name to reference and version (or fingerprint); never a value. Version null: it cannot be resolved now. */
  readonly secrets: Readonly<Record<string, { readonly reference: string; readonly version: string | null }>>;
  readonly downtime: { readonly seconds: number | null; readonly reason: string };
  /** Whether the way back is tried here before a later environment is changed, and the seconds that takes; null: nobody asks for it. */
  readonly rehearsal: { readonly seconds: number; readonly reason: string } | null;
  /** Minutes from the application's own history; null without history. */
  readonly estimate: { readonly medianMinutes: number; readonly p90Minutes: number; readonly from: number } | null;
  /** Whether the traffic of the last days is enough for a verdict, watch by watch. Absent in plans of older versions. */
  readonly verdicts?: readonly VerdictForecast[];
  /** What would make `deploy` refuse, with what would work. */
  readonly refusals: readonly string[];
}

export interface PlannedStep {
  readonly name: string;
  readonly does: string;
  /** null: it changes nothing. */
  readonly undo: string | null;
  readonly step: StrategyStep;
}
