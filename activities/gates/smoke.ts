/** The gate `smoke`: does every instance of the new release do what it is for, before it has traffic. */
import { commandWords, endWords, importantLines } from '../../domain/build/command-words';
import type { Finding, GateResult } from '../../domain/gates/gate';
import type { SmokeCheck } from '../../domain/spec/spec';
import type { Door } from '../../system/proven-door';
import type { ConnectTo } from '../../system/release-connect';
import { succeeded } from '../../system/run-command';
import type { ReleaseActivities } from '../contract';
import { withProgress, type ProgressReport } from '../progress';
import type { Workbench, Workshop } from '../workshop';
import { createCheckOf, type HttpCheck } from './http-check';
import { againstRelease, gateResult, throughDoors } from './run-checks';

type SmokeRequest = Parameters<ReleaseActivities['smokeRelease']>[0];
type Get = Extract<SmokeCheck, { kind: 'get' }>;
type Run = Extract<SmokeCheck, { kind: 'run' }>;

interface SmokeDeps {
  readonly workshop: Workshop;
  readonly connectTo: ConnectTo;
}

export async function smokeRelease({ workshop, connectTo }: SmokeDeps, request: SmokeRequest): Promise<GateResult> {
  const begun = performance.now();
  const { smoke } = request.environment;
  if (smoke.length === 0) return gateResult('smoke', [noChecks], { summary: 'no smoke check is declared', begun });
  const check = createCheckOf(connectTo)({ ...request, environment: request.environment.name });
  const gets = smoke.filter((check) => check.kind === 'get');
  const runs = smoke.filter((check) => check.kind === 'run');
  const findings = [...(await withProgress((report) => checkGets(report, gets, { request, check })))];
  const passed = findings.every((finding) => finding.verdict === 'passed');
  // Commands are slow, and a release that fails a simple request is refused without them.
  if (passed && runs.length > 0)
    findings.push(
      ...(await workshop.use(request.source, (bench) =>
        throughDoors(connectTo, request, (doors) => checkRuns(bench, runs, { request, doors })),
      )),
    );
  const failed = findings.find((finding) => finding.verdict !== 'passed');
  const instances = request.addresses.length;
  const all = `${smoke.length} ${smoke.length === 1 ? 'check' : 'checks'} passed on ${instances} ${instances === 1 ? 'instance' : 'instances'}`;
  return gateResult('smoke', findings, { summary: failed?.message.split('\n')[0] ?? all, begun });
}

const noChecks: Finding = {
  id: 'smoke',
  verdict: 'passed',
  message: 'no smoke check is declared; the health check is all that is known of the release',
  remedy: 'name requests and what they must answer in `smoke`',
};

async function checkGets(
  report: ProgressReport,
  checks: readonly Get[],
  { request, check: httpCheck }: { readonly request: SmokeRequest; readonly check: HttpCheck },
): Promise<Finding[]> {
  const { addresses } = request;
  const findings: Finding[] = [];
  for (const [index, check] of checks.entries()) {
    report.doing(`GET ${check.path} of ${addresses.length} instances`);
    const results = await Promise.all(addresses.map((address) => httpCheck(address, check, report.signal)));
    report.throwIfCancelled();
    const failed = results.findIndex((result) => !result.passed);
    const result = results[failed];
    const slowest = Math.round(Math.max(0, ...results.map(({ ms }) => ms)));
    const again = checks.slice(0, index).filter(({ path }) => path === check.path).length;
    findings.push({
      id: `get ${check.path}${again === 0 ? '' : ` #${again + 1}`}`,
      verdict: result === undefined ? 'passed' : 'refused',
      message:
        result === undefined
          ? `GET ${check.path} is as expected on every instance (${check.status.join(' or ')}, at most ${slowest} ms)`
          : `GET ${check.path} of instance ${failed}: ${result.seen} (${Math.round(result.ms)} ms)`,
      remedy: result === undefined ? null : 'correct the application, or what `smoke` expects',
    });
  }
  return findings;
}

interface Reaching {
  readonly request: SmokeRequest;
  readonly doors: readonly Door[];
}

async function checkRuns(bench: Workbench, checks: readonly Run[], { request, doors }: Reaching): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [index, { command, timeoutMs }] of checks.entries()) {
    const words = commandWords(command);
    const id = `run ${words}`;
    for (const [instance, door] of doors.entries()) {
      const log = `smoke-${index + 1}-${instance}`;
      const result = await bench.run({
        ...againstRelease(command, { request, address: door.address }),
        timeoutMs,
        log,
      });
      const held = door.heldBy();
      if (succeeded(result) && held === null) continue;
      const lines = importantLines(result.tail)
        .map((line) => `\n  ${line}`)
        .join('');
      const message = `\`${words}\` against instance ${instance} ${endWords(result)}${held === null ? '' : `; ${held}`}${lines}`;
      return [...findings, { id, verdict: 'refused', message, remedy: `read the whole output: ${bench.logOf(log)}` }];
    }
    findings.push({
      id,
      verdict: 'passed',
      message: `\`${words}\` ended with code 0 against every instance`,
      remedy: null,
    });
  }
  return findings;
}
