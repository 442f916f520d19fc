/** One gate: a no ends the deployment; unknown is not a pass, and waits for a named person's waiver. */
import { patched } from '@temporalio/workflow';
import { waivedBefore, type OpenFinding } from '../../domain/approvals/waivers';
import type { GateResult } from '../../domain/gates/gate';
import { gateWords } from '../../domain/gates/gate-words';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Tier } from '../../domain/words';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';
import { waitForWaiver } from './wait-for-waiver';

/** Within a step: answers when the gate passed or was waived. */
export async function passGate(
  deployment: Deployment,
  environment: EnvironmentSpec,
  ask: () => Promise<GateResult>,
): Promise<{ readonly value: undefined; readonly summary: string }> {
  const result = await ask();
  deployment.status.gates = [...deployment.status.gates, { ...result, environment: environment.name }];
  if (result.verdict === 'passed') return { value: undefined, summary: result.summary };
  const findings = gateWords(result);
  deployment.tell(deployment.status.step, result.verdict, findings);
  if (result.verdict === 'refused') throw halt('GateRefused', findings);
  const open = openFindings(result);
  const before = alreadyWaived(deployment, environment, open);
  if (before !== null) return { value: undefined, summary: before };
  const isOfOne = result.gate !== 'tests';
  const waiver = await waitForWaiver(deployment, environment, {
    what: `gate ${result.gate}${isOfOne ? ` of ${environment.name}` : ''}`,
    reason: findings,
    failure: 'GateInconclusive',
    findings: open,
    later: isOfOne ? environmentsAfter(deployment, environment.name) : [],
  });
  return { value: undefined, summary: waiver };
}

function openFindings({ gate, findings, summary }: GateResult): readonly OpenFinding[] {
  const open = findings.filter(({ verdict }) => verdict === 'inconclusive');
  if (open.length === 0) return [{ id: gate, message: summary }];
  return open.map(({ id, message }) => ({ id: `${gate}/${id}`, message }));
}

function alreadyWaived(
  { waivers, status: { requester } }: Deployment,
  { name, approval: policy }: EnvironmentSpec,
  open: readonly OpenFinding[],
): string | null {
  // Older versions asked again.
  if (waivers.length === 0 || !patched('asked once')) return null;
  return waivedBefore(waivers, { requester, policy, environment: name, open });
}

function environmentsAfter({ status: { plan } }: Deployment, name: Tier): readonly Tier[] {
  const names = plan?.environments.map(({ environment }) => environment) ?? [];
  return names.includes(name) ? names.slice(names.indexOf(name) + 1) : [];
}
