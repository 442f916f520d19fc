/** The gate `environment`: variables, secrets, databases, services and Node, before anything is changed. */
import type { Finding } from '../../domain/gates/gate';
import { isInRange } from '../../domain/gates/node-range';
import { requiredFindings, secretFindings, type SecretFact } from '../../domain/gates/required';
import { redact } from '../../domain/secrets/redact';
import type { SecretUser } from '../../domain/secrets/access';
import type { DatabaseSpec, EnvironmentSpec } from '../../domain/spec/spec';
import type { SecretVersions } from '../../domain/plan/agreed';
import type { EnvironmentResult, ReleaseActivities } from '../contract';
import { wordsOf } from '../failure';
import type { SecretAccess } from '../secret-access';
import { checkDatabase, secretsSent, type Permission } from './database';
import { httpGet } from '../../system/http-get';
import { gateResult } from './run-checks';

const SERVICE_TIMEOUT_MS = 5_000;

export interface EnvironmentDeps {
  readonly secrets: Pick<SecretAccess, 'resolve' | 'resolveFor' | 'isMeantFor'>;
  /** Version of the Node that runs releases; this machine's by default. */
  readonly node?: string;
}

type EnvironmentRequest = Parameters<ReleaseActivities['checkEnvironment']>[0];

/** Takes seconds: what needs the network is checked side by side, each with its own time limit. */
export async function checkEnvironment(deps: EnvironmentDeps, request: EnvironmentRequest): Promise<EnvironmentResult> {
  const { app, environment } = request;
  const begun = performance.now();
  const secrets = await resolveAll(deps, request);
  const facts = { app, environment, secrets };
  const values = { ...environment.variables, ...valuesOf(secrets) };
  const databases = Object.entries(environment.databases).map(([name, spec]) =>
    checkDatabase({ name, spec, values, permit: (to) => mayConnect(deps, { request, spec, to }) }),
  );
  const services = Object.entries(environment.services).map(([name, url]) => checkService(name, url));
  const answers = await Promise.all([...databases, ...services]);
  const found = [
    ...nodeFindings(environment, deps.node ?? process.version),
    ...requiredFindings(facts),
    ...secretFindings(facts),
    ...answers.filter((finding) => finding !== null),
  ];
  // A server's own words may repeat what it was given.
  const hidden = Object.values(valuesOf(secrets));
  const findings = found.map((finding) => ({ ...finding, message: redact(finding.message, hidden) }));
  const later = Object.keys(environment.databases).filter((_, index) => answers[index] === null);
  const summary = `${summaryOf(findings)}${laterWords(later)}`;
  return { ...gateResult('environment', findings, { summary, begun }), secretVersions: versionsOf(secrets) };
}

const laterWords = (names: readonly string[]): string =>
  names.length === 0
    ? ''
    : `; checked after the approval: ${names.join(', ')} (before it, passwords go only where they went before, or were meant to go)`;

const userOf = ({ app, environment }: EnvironmentRequest): SecretUser => ({ app, environment: environment.name });

async function resolveAll(
  { secrets }: EnvironmentDeps,
  request: EnvironmentRequest,
): Promise<Record<string, SecretFact>> {
  const facts = Object.entries(request.environment.secrets).map(
    async ([name, reference]): Promise<[string, SecretFact]> => {
      try {
        return [name, { kind: 'resolved', ...(await secrets.resolve(reference, userOf(request))) }];
      } catch (error) {
        const isOthers = (error as { readonly type?: string }).type === 'SecretRefused';
        return [name, { kind: isOthers ? 'refused' : 'missing', problem: wordsOf(error) }];
      }
    },
  );
  return Object.fromEntries(await Promise.all(facts));
}

interface Connecting {
  readonly request: EnvironmentRequest;
  readonly spec: DatabaseSpec;
  readonly to: string;
}

/** The spec says which host gets the password, and the spec is what waits for an approval. */
async function mayConnect({ secrets }: EnvironmentDeps, { request, spec, to }: Connecting): Promise<Permission> {
  const user = userOf(request);
  try {
    for (const { reference, isAddress } of secretsSent(spec, request.environment)) {
      const destination = isAddress ? null : to;
      if (request.before !== 'approval') await secrets.resolveFor(reference, user, destination);
      else if (!(await secrets.isMeantFor(reference, user, destination))) return { kind: 'later' };
    }
    return { kind: 'granted' };
  } catch (error) {
    return { kind: 'refused', message: wordsOf(error) };
  }
}

const valuesOf = (secrets: Readonly<Record<string, SecretFact>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secrets).flatMap(([name, fact]) => (fact.kind === 'resolved' ? [[name, fact.value]] : [])),
  );

const versionsOf = (secrets: Readonly<Record<string, SecretFact>>): SecretVersions =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, fact]) => [name, fact.kind === 'resolved' ? (fact.version ?? null) : null]),
  );

function nodeFindings({ platform, name }: EnvironmentSpec, version: string): readonly Finding[] {
  if (platform.node === null) return [];
  const inRange = isInRange(platform.node, version);
  const asked = `\`platform.node\` asks for ${platform.node}`;
  if (inRange === true)
    return [{ id: 'node', verdict: 'passed', message: `Node ${version} runs releases, ${asked}`, remedy: null }];
  if (inRange === null)
    return [
      {
        id: 'node',
        verdict: 'inconclusive',
        message: `${asked}, which is not a range of versions`,
        remedy: 'write it as in ">=22", "^20.19" or "20.x || 22.x"',
      },
    ];
  return [
    {
      id: 'node',
      verdict: 'refused',
      message: `Node ${version} runs releases of ${name}, ${asked}`,
      remedy: 'install such a Node and start the worker with it, or widen the range',
    },
  ];
}

async function checkService(name: string, url: string): Promise<Finding> {
  const id = `service/${name}`;
  const result = await httpGet({ url, timeoutMs: SERVICE_TIMEOUT_MS, body: false });
  const ms = Math.round(result.ms);
  if (result.kind === 'failed') {
    const message = `${name}: GET ${url} gave ${result.code === 'ENOTFOUND' ? 'no address: there is no such host' : result.message}`;
    return { id, verdict: 'refused', message, remedy: 'start the service, or correct its address in `services`' };
  }
  const { status } = result.answer;
  if (status < 500)
    return { id, verdict: 'passed', message: `${name}: GET ${url} answered ${status} in ${ms} ms`, remedy: null };
  const message = `${name}: GET ${url} answered ${status}, expected a status below 500`;
  return { id, verdict: 'refused', message, remedy: 'see what is wrong with the service' };
}

function summaryOf(findings: readonly Finding[]): string {
  const bad = findings.filter((finding) => finding.verdict !== 'passed');
  const [first] = bad;
  if (first === undefined)
    return findings.length === 0
      ? 'the spec asks for nothing to check'
      : `${findings.length} of ${findings.length} checks passed`;
  return bad.length === 1 ? first.message : `${first.message}; and ${bad.length - 1} more`;
}
