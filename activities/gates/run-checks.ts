/** Runs test commands one after another, and reads what their runners print. */
import { verdictOf, type Finding, type GateName, type GateResult } from '../../domain/gates/gate';
import { createTestReader } from '../../domain/gates/test-output';
import { testFinding, type TestRun } from '../../domain/gates/test-verdict';
import { substitute } from '../../domain/command/substitute';
import type { Command } from '../../domain/spec/spec';
import type { Address } from '../../domain/words';
import type { ReleaseRef, SourceRequest } from '../contract';
import { openDoor, type Door } from '../../system/proven-door';
import type { ConnectTo } from '../../system/release-connect';
import { baseUrl } from './http-check';
import type { Workbench } from '../workshop';

export interface CheckRequest {
  readonly id: string;
  readonly commands: readonly Command[];
  readonly variables: Readonly<Record<string, string>>;
  /** Whether they reach the network; by default they do. */
  readonly network?: boolean;
  /** Milliseconds left for the next command. */
  readonly remainingMs: () => number;
}

export interface Checked {
  readonly runs: readonly TestRun[];
  readonly findings: readonly Finding[];
}

/** Stops at the first command that is refused: what comes after it would be waited for in vain. */
export async function runChecks(
  bench: Workbench,
  { id, commands, variables, remainingMs, network = true }: CheckRequest,
): Promise<Checked> {
  const runs: TestRun[] = [];
  const findings: Finding[] = [];
  for (const [index, argv] of commands.entries()) {
    const name = index === 0 ? id : `${id}-${index + 1}`;
    const reader = createTestReader();
    const result = await bench.run({
      argv,
      variables,
      network,
      timeoutMs: remainingMs(),
      log: name,
      onLine: (line) => reader.line(line),
    });
    const run = { id: name, argv, result, count: reader.count(), log: bench.logOf(name) };
    const finding = testFinding(run);
    runs.push(run);
    findings.push(finding);
    if (finding.verdict === 'refused') break;
  }
  return { runs, findings };
}

/** The gate's answer. @param begun by `performance.now()` */
export function gateResult(
  gate: GateName,
  findings: readonly Finding[],
  { summary, begun }: { summary: string; begun: number },
): GateResult {
  return { gate, verdict: verdictOf(findings), summary, findings, seconds: (performance.now() - begun) / 1_000 };
}

/** What a command against a release may use: in its arguments and (the environment's variables, and where the release is) in its own. */
export interface ReleaseCommand {
  readonly argv: Command;
  readonly variables: Readonly<Record<string, string>>;
}

type Against = ReleaseRef & { readonly addresses: readonly Address[] };

/** Lets commands against a release reach its instances, and nobody who took the port of one. @param work is told each instance's way in */
export async function throughDoors<T>(
  connectTo: ConnectTo,
  { app, environment, release, addresses }: Against,
  work: (doors: readonly Door[]) => Promise<T>,
): Promise<T> {
  const connect = connectTo({ app, environment: environment.name, release });
  const doors = await Promise.all(addresses.map((address) => openDoor(address, connect(address.port))));
  try {
    return await work(doors);
  } finally {
    await Promise.all(doors.map((door) => door.close()));
  }
}

/** The command with `$NAME` put in. A name without a value stays as it is written: the spec's check has refused it already. */
export function againstRelease(
  command: Command,
  { request, address }: { request: AgainstRequest; address: Address },
): ReleaseCommand {
  const { environment, release, source } = request;
  const variables = { ...environment.variables, BASE_URL: baseUrl(address) };
  const filled = substitute(command, { ...variables, RELEASE: release, VERSION: source.snapshot.version });
  return { argv: filled.kind === 'substituted' ? filled.command : command, variables };
}

type AgainstRequest = ReleaseRef & { readonly source: SourceRequest };

/** Milliseconds that are left of a time limit that begins now. */
export function countdown(limitMs: number): () => number {
  const begun = performance.now();
  return () => Math.max(1, limitMs - (performance.now() - begun));
}
