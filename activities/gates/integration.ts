/** The gate `integration`: tests of the application's own that run against the new release. */
import type { Finding, GateResult } from '../../domain/gates/gate';
import { testSummary } from '../../domain/gates/test-verdict';
import type { ReleaseActivities } from '../contract';
import type { Workshop } from '../workshop';
import { againstRelease, countdown, gateResult, runChecks } from './run-checks';

type IntegrationRequest = Parameters<ReleaseActivities['integrateRelease']>[0];

/** The commands see the environment's variables and BASE_URL of the first instance, never its secrets. They share one time limit. */
export async function integrateRelease(workshop: Workshop, request: IntegrationRequest): Promise<GateResult> {
  const begun = performance.now();
  const { environment, source } = request;
  const [first] = request.addresses;
  if (environment.integration.length === 0 || first === undefined)
    return gateResult('integration', [noTests], { summary: 'no integration tests are declared', begun });
  const commands = environment.integration.map((command) => againstRelease(command, { request, address: first }));
  return workshop.use(source, async (bench) => {
    const { runs, findings } = await runChecks(bench, {
      id: 'integration',
      commands: commands.map(({ argv }) => argv),
      variables: commands[0]?.variables ?? {},
      remainingMs: countdown(environment.integrationTimeoutMs),
    });
    return gateResult('integration', findings, { summary: testSummary(runs, findings), begun });
  });
}

const noTests: Finding = {
  id: 'integration',
  verdict: 'passed',
  message: 'no integration tests are declared for this environment, so none were run',
  remedy: null,
};
