/** What is said at the end of a deployment: how it ended and why, where the report lies, what to do next. */
import path from 'node:path';
import type { DeploymentResult, DeploymentStatus } from '../../domain/deployment';
import type { FailureType } from '../../domain/failures';
import { outcomeSentence } from '../../domain/reports/sentence';
import type { Deployment, RunState } from '../deployment';
import type { Cli } from './cli';
import { EXIT, EXIT_OF_OUTCOME } from './exit-codes';
import { line, paragraph, part, type Line } from './line';

export interface Ended {
  readonly status: DeploymentStatus;
  readonly state: RunState;
  readonly json: boolean;
}

/** Says it and answers the exit code. */
export async function sayEnd(cli: Cli, deployment: Deployment, ended: Ended): Promise<number> {
  const { status, state, json } = ended;
  const result = state === 'completed' ? await deployment.result() : null;
  const outcome = result?.outcome ?? status.outcome;
  const exit = exitOf(outcome, result?.failure ?? null);
  // Also where nobody reads what is said now.
  process.exitCode = exit;
  if (json) cli.print.json(outcomeObject(deployment, ended, result));
  else sayOutcome(cli, deployment, ended);
  for (const hint of hints(status, result?.failure ?? null)) cli.print.progress(line(part('next    ', 'dim'), hint));
  return exit;
}

/** A plan that cannot be carried out is the person's to mend, as a wrong spec is. */
function exitOf(outcome: DeploymentResult['outcome'] | null, failure: FailureType | null): number {
  if (outcome === null) return EXIT.unexpected;
  return outcome === 'rejected' && failure === 'PlanRefused' ? EXIT.usage : EXIT_OF_OUTCOME[outcome];
}

function sayOutcome({ print }: Cli, { webUi }: Deployment, ended: Ended): void {
  for (const whole of endLines(ended, webUi)) print.result(whole);
}

/** How it ended, what could not be done, and where to look. */
export function endLines({ status, state }: Omit<Ended, 'json'>, webUi: string | null): readonly (Line | string)[] {
  const { outcome, failures, report } = status;
  const words = outcome === null ? cutOff(status, state) : outcomeSentence(status);
  return [
    ...paragraph(words, outcome === 'succeeded' ? 'good' : 'bad'),
    ...failures.map((failure) => line(`  also: ${failure}`)),
    ...(report === null ? [] : [`report  ${path.join(report, 'report.html')}`]),
    ...(webUi === null ? [] : [`web UI  ${webUi}`]),
  ];
}

/** The last line of `--json`. */
export function outcomeObject(
  { id, run }: Pick<Deployment, 'id' | 'run'>,
  { status, state }: Pick<Ended, 'status' | 'state'>,
  result: DeploymentResult | null,
) {
  const { outcome, version, seconds, reason, report } = result ?? resultOf(status, state);
  return { type: 'outcome' as const, outcome, app: status.app, version, deployment: id, run, seconds, reason, report };
}

/** Of a run that gave none. */
function resultOf(status: DeploymentStatus, state: RunState) {
  const { outcome, version, report, startedAt } = status;
  const seconds = Math.max(0, (Date.now() - Date.parse(startedAt)) / 1000);
  return { outcome, version, seconds, reason: outcome === null ? cutOff(status, state) : status.reason, report };
}

const cutOff = ({ app, version }: DeploymentStatus, state: RunState): string =>
  `the deployment of ${app} ${version} was ${CUT_OFF[state]} in Temporal before it could end by itself; what served goes on serving (see: mvca status ${app}), and the next deployment cleans up what it left`;

const CUT_OFF: Readonly<Record<RunState, string>> = {
  running: 'left running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  terminated: 'terminated',
  'timed-out': 'timed out',
};

/** Commands that lead on; what the reason says already is not said again. */
export function hints(status: DeploymentStatus, failure: FailureType | null): readonly string[] {
  const { app, outcome, environment } = status;
  const place = environment === null ? '' : ` --environment ${environment}`;
  if (outcome === 'rollback-failed') return [...status.unfinished.map(({ command }) => command), `mvca status ${app}`];
  switch (failure) {
    case 'StartFailed':
    case 'Unhealthy':
    case 'RehearsalFailed':
      return [`mvca logs ${app}${place} --since 10m`];
    case 'RecordsUnavailable':
      return ['mvca doctor'];
    default:
      return [];
  }
}
