/** The gate `integration`: tests of the application's own that run against the new release. */
import type { Finding, GateResult } from '../../domain/gates/gate';
import { testSummary } from '../../domain/gates/test-verdict';
import type { Door } from '../../system/proven-door';
import type { ConnectTo } from '../../system/release-connect';
import type { ReleaseActivities } from '../contract';
import type { Workbench, Workshop } from '../workshop';
import { againstRelease, countdown, gateResult, runChecks, throughDoors, type Checked } from './run-checks';

type IntegrationRequest = Parameters<ReleaseActivities['integrateRelease']>[0];

interface IntegrationDeps {
  readonly workshop: Workshop;
  readonly connectTo: ConnectTo;
}

/** The commands see the environment's variables and BASE_URL of the first instance, never its secrets. They share one time limit. */
export async function integrateRelease(
  { workshop, connectTo }: IntegrationDeps,
  request: IntegrationRequest,
): Promise<GateResult> {
  const begun = performance.now();
  const addresses = request.addresses.slice(0, 1);
  if (request.environment.integration.length === 0 || addresses.length === 0)
    return gateResult('integration', [noTests], { summary: 'no integration tests are declared', begun });
  return workshop.use(request.source, (bench) =>
    throughDoors(connectTo, { ...request, addresses }, async ([door]) => {
      const { runs, findings } = await testsThrough(bench, request, door as Door);
      return gateResult('integration', findings, { summary: testSummary(runs, findings), begun });
    }),
  );
}

async function testsThrough(bench: Workbench, request: IntegrationRequest, door: Door): Promise<Checked> {
  const { integration, integrationTimeoutMs } = request.environment;
  const commands = integration.map((command) => againstRelease(command, { request, address: door.address }));
  const { runs, findings } = await runChecks(bench, {
    id: 'integration',
    commands: commands.map(({ argv }) => argv),
    variables: commands[0]?.variables ?? {},
    remainingMs: countdown(integrationTimeoutMs),
  });
  const held = door.heldBy();
  return held === null ? { runs, findings } : { runs, findings: [...findings, foreign(held)] };
}

const foreign = (held: string): Finding => ({
  id: 'integration/port',
  verdict: 'refused',
  message: `the tests did not reach the release: ${held}`,
  remedy: 'end that process, or see why the instance lost its port; then deploy again',
});

const noTests: Finding = {
  id: 'integration',
  verdict: 'passed',
  message: 'no integration tests are declared for this environment, so none were run',
  remedy: null,
};
