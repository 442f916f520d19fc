/** The gate `tests`: the application's own tests, in the folder in which it was built. */
import path from 'node:path';
import { coverageFinding } from '../../domain/gates/coverage';
import type { Finding, GateResult } from '../../domain/gates/gate';
import { testSummary } from '../../domain/gates/test-verdict';
import type { SourceRequest } from '../contract';
import type { TestSpec } from '../../domain/spec/spec';
import type { Workbench, Workshop } from '../workshop';
import { fileTime, findCoverage } from './coverage';
import { countdown, gateResult, runChecks, type Checked } from './run-checks';

type TestRequest = SourceRequest & { readonly tests: TestSpec };

export const runTests = (workshop: Workshop, request: TestRequest): Promise<GateResult> =>
  workshop.use(request, (bench) => testIn(bench, request));

async function testIn(bench: Workbench, { tests }: TestRequest): Promise<GateResult> {
  const begun = performance.now();
  if (tests.unit.length + tests.integration.length === 0)
    return gateResult('tests', [noTests], { summary: 'no tests are declared', begun });
  const since = await fileTime(path.dirname(bench.folder));
  const remainingMs = countdown(tests.timeoutMs);
  const { variables } = tests;
  const network = tests.network === undefined;
  const unit = await runChecks(bench, { id: 'unit', commands: tests.unit, variables, remainingMs, network });
  const integration = isRefused(unit)
    ? { runs: [], findings: [] }
    : await runChecks(bench, { id: 'integration', commands: tests.integration, variables, remainingMs, network });
  const runs = [...unit.runs, ...integration.runs];
  const findings = [...unit.findings, ...integration.findings];
  if (tests.coverage !== null && !isRefused({ findings })) {
    const { path: report, minimum } = tests.coverage;
    findings.push(coverageFinding(report, minimum, await findCoverage(bench.folder, report, since)));
  }
  return gateResult('tests', findings, { summary: testSummary(runs, findings), begun });
}

/** The spec is the team's own word on what must pass. Where it asks for nothing there is nothing unknown either, and the report says it. */
const noTests: Finding = {
  id: 'tests',
  verdict: 'passed',
  message: 'no tests are declared, so none were run',
  remedy: 'name the commands that must pass in `tests.unit`',
};

const isRefused = ({ findings }: Pick<Checked, 'findings'>): boolean =>
  findings.some((finding) => finding.verdict === 'refused');
