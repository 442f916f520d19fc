/** A plan as a person reads it before saying yes: what happens in which order, and the way back from each step. */
import type { Plan, PlannedEnvironment, PlannedStep } from '../../../domain/plan/plan';
import { duration } from '../../../domain/reports/words';
import type { VerdictForecast } from '../../../domain/plan/verdicts';
import { verdictSentence } from '../../../domain/reports/verdict';
import { line, part, type Line } from '../line';
import { standingLines } from './freezes';
import { padEnd, padStart } from '../text';

const NAME_WIDTH = 14;

export function planLines(plan: Plan): readonly Line[] {
  return [
    ...(plan.weaker ?? []).map((words) => line(part(`ATTENTION: ${words}`, 'bad'))),
    line(part(`plan of ${plan.app} ${plan.version}`, 'strong')),
    line(part('digest  ', 'dim'), plan.digest),
    line(part('inputs  ', 'dim'), plan.inputs),
    ...(plan.artifact === undefined ? [] : [line(part('bytes   ', 'dim'), plan.artifact)]),
    ...(plan.again === undefined
      ? []
      : [line(part(`again   ${plan.again.was}; deployed again: ${plan.again.reason}`, 'warn'))]),
    ...(plan.sameSource === undefined ? [] : [line(part(`warning: ${plan.sameSource}`, 'warn'))]),
    ...(plan.warnings ?? []).map((words) => line(part(`warning: ${words}`, 'warn'))),
    ...standingLines(plan.freezes ?? null, Date.now()),
    ...plan.environments.flatMap((environment) => [line(), ...environmentLines(environment)]),
  ];
}

function environmentLines(planned: PlannedEnvironment): readonly Line[] {
  const facts: readonly (readonly [string, string])[] = [
    ['serves now', planned.target === null ? 'nothing' : `${planned.target.version} (${planned.target.release})`],
    ['way back', planned.wayBack],
    ...(planned.undoWithinMs === undefined ? [] : [['going back', goingBack(planned.undoWithinMs)] as const]),
    ['approval', approvalOf(planned)],
    ['downtime', downtimeOf(planned)],
    ...(planned.rehearsal == null ? [] : [['rehearsal', rehearsalOf(planned.rehearsal)] as const]),
    ['time', estimateOf(planned)],
    ...Object.entries(planned.secrets).map(([name, secret]) => [`secret ${name}`, secretOf(secret)] as const),
  ];
  return [
    line(part(planned.environment, 'strong'), part(`  ${planned.strategy}`, 'accent')),
    ...facts.map(([name, value]) => line(part(`  ${padEnd(name, NAME_WIDTH)} `, 'dim'), value)),
    ...planned.steps.flatMap(stepLines),
    ...(planned.verdicts ?? []).map(verdictLine),
    ...(planned.badWayBack === undefined ? [] : [line(part(`  warning: ${planned.badWayBack}`, 'warn'))]),
    ...planned.refusals.map((refusal) => line(part(`  refused: ${refusal}`, 'bad'))),
  ];
}

function stepLines({ name, does, undo }: PlannedStep, index: number): readonly Line[] {
  const what = [`  ${padStart(String(index + 1), 2)} `, part(padEnd(name, NAME_WIDTH - 3), 'strong'), ` ${does}`];
  if (undo === null) return [line(...what, part(' (nothing to undo)', 'dim'))];
  return [line(...what), line(part(`     ${padEnd('undo', NAME_WIDTH - 3)} ${undo}`, 'dim'))];
}

function verdictLine(verdict: VerdictForecast): Line {
  const style = verdict.wouldDo.length > 0 ? 'warn' : 'dim';
  return line(part(`  ${padEnd('verdict', NAME_WIDTH)} `, 'dim'), part(verdictSentence(verdict), style));
}

function approvalOf({ approval }: PlannedEnvironment): string {
  if (approval === null) return 'nobody is asked';
  const { from, needs, deadlineMs, requester } = approval;
  const people = from.length > 0 ? from.join(', ') : 'anybody';
  const eyes = requester === 'may-not' ? ', but not by who asks for the deployment' : '';
  return `${needs} by ${people}${eyes}, within ${duration(deadlineMs / 1000)}`;
}

const downtimeOf = ({ downtime }: PlannedEnvironment): string =>
  `${downtime.seconds === null ? 'not known' : duration(downtime.seconds)}: ${downtime.reason}`;

const goingBack = (ms: number): string => `within ${duration(ms / 1000)}, or it ends as rollback-failed`;

const rehearsalOf = ({ seconds, reason }: NonNullable<PlannedEnvironment['rehearsal']>): string =>
  seconds === 0 ? reason : `about ${duration(seconds)}: ${reason}`;

function estimateOf({ estimate }: PlannedEnvironment): string {
  if (estimate === null) return 'no history';
  const { medianMinutes, p90Minutes, from } = estimate;
  return `about ${duration(medianMinutes * 60)}, at most ${duration(p90Minutes * 60)} in 9 of 10 (from ${from} before)`;
}

const secretOf = ({ reference, version }: { readonly reference: string; readonly version: string | null }): string =>
  `${reference}, ${version === null ? 'cannot be resolved now' : `version ${version}`}`;

/** What stands below a plan that nobody carries out yet. */
export function planEnd({ environments }: Plan): readonly Line[] {
  const count = environments.reduce((sum, { refusals }) => sum + refusals.length, 0);
  if (count === 0) return [line(), line(part('nothing was changed; carry it out with: ', 'dim'), 'mvca deploy')];
  return [
    line(),
    line(part(`deploy would refuse this plan (${count} ${count === 1 ? 'reason' : 'reasons'} above)`, 'bad')),
  ];
}
