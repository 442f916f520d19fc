/** What each kind of step does, and its undo, in words. */
import { limitText, sourceText } from '../judge/outside';
import { percent } from '../numbers';
import type { EnvironmentSpec, OnInsufficient, WatchSpec } from '../spec/spec';
import type { StrategyStep } from '../strategies/strategy';
import { formatDuration } from '../units';
import type { PlannedStep } from './plan';

type Target = { readonly release: string; readonly version: string } | null;
type Words = { readonly does: string; readonly undo: string | null };

export function plannedStep(step: StrategyStep, environment: EnvironmentSpec, target: Target): PlannedStep {
  return { name: stepName(step), ...words(step, environment, target), step };
}

export const stepName = (step: StrategyStep): string =>
  'percent' in step && step.percent !== undefined ? `${step.kind}-${step.percent}` : step.kind;

function words(step: StrategyStep, environment: EnvironmentSpec, target: Target): Words {
  const old = target === null ? 'nothing' : `${target.version} (${target.release})`;
  switch (step.kind) {
    case 'make-room':
    case 'scale':
    case 'replace':
      return instanceWords(step, environment, old);
    case 'stop-old':
      return { does: `stop ${old}: it must not run twice`, undo: `start ${old} again and give it all traffic` };
    case 'start':
      return {
        does: `start ${part(environment, step.instances)} without traffic, wait until healthy on ${environment.health.path}`,
        undo: 'stop the new release',
      };
    case 'smoke':
      return { does: `make ${counted(environment.smoke.length, 'smoke check')}`, undo: null };
    case 'integration':
      return { does: 'run the integration tests against the new release', undo: null };
    case 'shift':
      return {
        does: `give ${step.percent} % of the traffic to the new release${shiftRemark(environment, target, step.percent)}`,
        undo: target === null ? 'stop serving' : `give all traffic back to ${old}`,
      };
    case 'watch':
      return { does: `watch for ${formatDuration(step.forMs)}: ${objectives(environment, step)}`, undo: null };
    case 'rehearse-back':
      return {
        does: `rehearse the way back: all traffic to ${old}, its checks again, watch it for ${formatDuration(step.forMs)}`,
        undo: `nothing more: ${old} has all traffic then`,
      };
    case 'rehearse-forth':
      return {
        does: `all traffic to the new release again, its checks again, watch it for ${formatDuration(step.forMs)}`,
        undo: `give all traffic back to ${old}`,
      };
    case 'prove':
      return { does: `the release is proven${target === null ? '' : keptWords(environment, old)}`, undo: null };
  }
}

type InstanceStep = Extract<StrategyStep, { kind: 'make-room' | 'scale' | 'replace' }>;

function instanceWords(step: InstanceStep, environment: EnvironmentSpec, old: string): Words {
  switch (step.kind) {
    case 'make-room':
      return {
        does: `take ${step.of - step.old} of ${step.of} instances of ${old} out of the traffic, let them end what they have, stop them`,
        undo: `start them again`,
      };
    case 'scale':
      return {
        does: `start more instances of the new release, until ${part(environment, step.instances)} are healthy`,
        undo: 'stop the new release',
      };
    case 'replace':
      return {
        does: `${step.old === 0 ? `stop the last of ${old}` : `keep ${step.old} of ${old}`}, run ${part(environment, step.instances)} of the new release, give it ${step.percent} % of the traffic`,
        undo: `put the replaced ones of ${old} back, batch by batch; all at once when the new release is unhealthy`,
      };
  }
}

function shiftRemark({ strategy }: EnvironmentSpec, target: Target, percent: number): string {
  const isSticky = percent < 100 && 'stickiness' in strategy && strategy.stickiness === 'cookie';
  if (target !== null) return `, under a lease${isSticky ? '; a cookie keeps each user on one release' : ''}`;
  return strategy.kind === 'canary' ? '; it is the first release, so there is no smaller share before' : '';
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const instances = ({ platform }: EnvironmentSpec): string => counted(platform.instances, 'instance');

const part = (environment: EnvironmentSpec, count?: number): string =>
  count === undefined || count === environment.platform.instances
    ? instances(environment)
    : `${count} of ${instances(environment)}`;

const keptWords = ({ strategy, platform, retire }: EnvironmentSpec, old: string): string =>
  `; ${old} ${strategy.kind === 'rolling' || platform.singleton ? 'is kept, stopped,' : 'stays warm'} for ${formatDuration(retire.afterMs)}`;

const objectives = ({ watch }: EnvironmentSpec, { percent: share, onInsufficient }: Watch): string =>
  share === undefined
    ? `${againstObjectives(watch)}${outside(watch)}`
    : `against the old release in the same seconds${outside(watch)}; without a verdict ${WITHOUT_VERDICT[onInsufficient ?? 'hold']}`;

type Watch = Extract<StrategyStep, { kind: 'watch' }>;

const WITHOUT_VERDICT: Readonly<Record<OnInsufficient, string>> = {
  hold: 'as long again, then a person is waited for',
  promote: 'as long again, then it goes on',
  rollback: 'as long again, then it goes back',
};

const outside = ({ metrics = [] }: WatchSpec): string =>
  metrics.map((metric) => `; ${metric.name} ${limitText(metric)} (${sourceText(metric)})`).join('');

const againstObjectives = (watch: WatchSpec): string =>
  `errors at most ${percent(watch.errors, 1)}, slower than ${watch.responseMs} ms at most ${percent(watch.slow, 1)}`;
