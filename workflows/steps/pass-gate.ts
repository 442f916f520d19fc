/** One gate: a no ends the deployment; unknown is not a pass, and waits for a named person's waiver. */
import type { GateResult } from '../../domain/gates/gate';
import type { EnvironmentSpec } from '../../domain/spec/spec';
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
  const findings = sayFindings(result);
  deployment.tell(deployment.status.step, result.verdict, findings);
  if (result.verdict === 'refused') throw halt('GateRefused', findings);
  const waiver = await waitForWaiver(deployment, environment, {
    what: `gate ${result.gate}`,
    reason: findings,
    failure: 'GateInconclusive',
    findings: openFindings(result),
  });
  return { value: undefined, summary: waiver };
}

function openFindings({ gate, findings }: GateResult): readonly string[] {
  const open = findings.filter(({ verdict }) => verdict === 'inconclusive').map(({ id }) => `${gate}/${id}`);
  return open.length === 0 ? [gate] : open;
}

/** With their ids where there are several, by which each can be waived. */
function sayFindings(result: GateResult): string {
  const open = result.findings.filter((finding) => finding.verdict !== 'passed');
  const lines = open.map(({ id, message, remedy }) =>
    [open.length === 1 ? '' : `${id}: `, message, remedy === null ? '' : `; ${remedy}`].join(''),
  );
  return lines.length === 0 ? result.summary : `${result.summary}: ${lines.join(' | ')}`;
}
