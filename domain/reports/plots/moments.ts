/** The moments of decision in one environment: traffic moved, a verdict, traffic given back, what people said. */
import type { DeploymentStatus, MessageView, StepEvent } from '../../deployment';
import type { StrategyStep } from '../../strategies/strategy';
import type { JudgeVerdict, Tier } from '../../words';
import type { Tone } from '../document';
import type { Course } from './course';
import type { Moment } from './plot';

/** Of a course, in the order of time. */
export function momentsOf(status: DeploymentStatus, { environment, fromMs, toMs }: Course): readonly Moment[] {
  const decided = [
    ...status.steps.filter((step) => step.environment === environment).flatMap((step) => ofStep(status, step)),
    ...status.watches.filter((watch) => watch.environment === environment).flatMap(ofWatch),
  ].filter(({ at }) => at >= fromMs - BESIDE_MS && at <= toMs + BESIDE_MS);
  const said = status.messages.flatMap(ofMessage).filter(({ at }) => at >= fromMs && at <= toMs);
  return [...decided, ...said].sort((a, b) => a.at - b.at);
}

/** Traffic is given before the watch of it begins, and back after it has ended. */
const BESIDE_MS = 5_000;

function ofStep({ plan, watches }: DeploymentStatus, { step, state, at, environment, summary }: StepEvent): Moment[] {
  const moment = (label: string, tone: Tone): Moment[] => [{ at: Date.parse(at), label, text: summary, tone }];
  const planned = plannedStep(plan, environment, step);
  const named = planned === undefined ? null : nameOf(planned);
  if (state === 'succeeded' && named !== null) return moment(named, planned?.kind === 'prove' ? 'good' : 'plain');
  const wasGivenBack = watches.some((watch) => watch.environment === environment && watch.givenBackAt !== undefined);
  return state === 'undone' && step === 'shift' && !wasGivenBack ? moment('given back', 'warn') : [];
}

/** Steps that move traffic or end the watching; null for all others. */
function nameOf(step: StrategyStep): string | null {
  switch (step.kind) {
    case 'shift':
    case 'replace':
      return `${step.percent} %`;
    case 'rehearse-back':
      return 'back';
    case 'rehearse-forth':
      return 'forth';
    case 'prove':
      return 'proven';
    default:
      return null;
  }
}

function plannedStep(plan: DeploymentStatus['plan'], environment: Tier | null, name: string) {
  const planned = plan?.environments.find((each) => each.environment === environment);
  return planned?.steps.find((step) => step.name === name)?.step;
}

function ofWatch({ verdict, reason, seconds, series, ...watch }: DeploymentStatus['watches'][number]): Moment[] {
  const decidedAt = watch.decidedAt ?? (series && series.startedAt + seconds * 1_000);
  const { firstBadAt, givenBackAt } = watch;
  const bad = verdict === 'unhealthy' && firstBadAt !== null && firstBadAt < (decidedAt ?? 0);
  return [
    ...(bad ? [{ at: firstBadAt, label: 'first error', text: 'the first bad answer', tone: 'quiet' as const }] : []),
    ...(decidedAt === undefined ? [] : [{ at: decidedAt, text: reason, ...VERDICTS[verdict] }]),
    ...(givenBackAt === undefined
      ? []
      : [
          {
            at: givenBackAt,
            label: 'given back',
            text: 'all traffic is on the old release again',
            tone: 'warn' as const,
          },
        ]),
  ];
}

const VERDICTS: Readonly<Record<JudgeVerdict, { readonly label: string; readonly tone: Tone }>> = {
  healthy: { label: 'healthy', tone: 'good' },
  unhealthy: { label: 'alarm', tone: 'bad' },
  inconclusive: { label: 'undecided', tone: 'warn' },
};

const ofMessage = ({ at, kind, from, accepted, reason }: MessageView): Moment[] =>
  accepted ? [{ at: Date.parse(at), label: kind, text: `${kind} by ${from}: ${reason}`, tone: 'plain' }] : [];
