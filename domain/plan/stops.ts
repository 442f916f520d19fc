/** Where a deployment of a plan would surely stop: what the gate of each environment says now. */
import type { Finding, GateResult } from '../gates/gate';
import { findingWords } from '../gates/gate-words';
import type { Tier } from '../words';
import type { Plan } from './plan';

export interface Asked {
  readonly environment: Tier;
  readonly gate: Pick<GateResult, 'findings'>;
}

/** The same plan under the same digest: what is not so yet may be so when it is deployed. */
export function withStops(plan: Plan, asked: readonly Asked[]): Plan {
  const said = (environment: Tier, verdict: Finding['verdict']): readonly string[] =>
    asked
      .filter((each) => each.environment === environment)
      .flatMap(({ gate }) =>
        gate.findings.filter((finding) => finding.verdict === verdict).map((finding) => findingWords(finding)),
      );
  const environments = plan.environments.map((planned) => ({
    ...planned,
    refusals: [...planned.refusals, ...said(planned.environment, 'refused')],
  }));
  const waits = plan.environments.flatMap(({ environment }) =>
    said(environment, 'inconclusive').map((open) => `${environment}: deploy would wait for a waiver: ${open}`),
  );
  return waits.length === 0
    ? { ...plan, environments }
    : { ...plan, environments, warnings: [...(plan.warnings ?? []), ...waits] };
}
