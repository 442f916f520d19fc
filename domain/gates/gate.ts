/** Facts in, findings and verdict out. A check that cannot be made is `inconclusive`, never a pass. */
import type { Verdict } from '../words';

export interface Finding {
  /** Stable within a gate, such as `coverage` or `variable/SESSION_KEY`; a waiver names it. */
  readonly id: string;
  readonly verdict: Verdict;
  /** What was measured, against which limit, and where from. */
  readonly message: string;
  /** The next step, a command where there is one. */
  readonly remedy: string | null;
}

export const GATES = ['tests', 'environment', 'smoke', 'integration'] as const;
export type GateName = (typeof GATES)[number];

export interface GateResult {
  readonly gate: GateName;
  readonly verdict: Verdict;
  /** One line for people: what was checked, and with which result. */
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/** The worst finding decides: refused over inconclusive over passed. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some((finding) => finding.verdict === 'refused')) return 'refused';
  return findings.some((finding) => finding.verdict === 'inconclusive') ? 'inconclusive' : 'passed';
}
