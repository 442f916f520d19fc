/** Makes the plan: spec and facts in, exactly what will happen out. */
import { canonicalJson } from '../canonical-json';
import type { ReleaseStatus, ServingHealth } from '../release';
import { returnable, servingRelease } from '../releases';
import { undoWithinMs } from '../rollback';
import type { Snapshot } from '../source';
import type { EnvironmentSpec, Spec } from '../spec/spec';
import { strategyOf } from '../strategies';
import type { Tier, Weights } from '../words';
import { downtime, type Timings } from './downtime';
import { forecast, type PhaseTimes } from './forecast';
import { lastRollback, rollbackWords, type PastDeployment } from './past';
import type { Plan, PlannedEnvironment } from './plan';
import { plannedStep } from './planned-step';
import { rehearsalOf, withRehearsal } from './rehearsal';
import { verdictOf, type MeasuredTraffic } from './verdicts';
import { badWayBack, restartWords, wayBack } from './way-back';

/** What is asked of the platform, the router and the secret providers about one environment. */
export interface PlanFacts {
  readonly environment: Tier;
  readonly releases: readonly ReleaseStatus[];
  readonly weights: Weights;
  readonly lease: { readonly fallback: Weights } | null;
  readonly secretVersions: Readonly<Record<string, string | null>>;
  readonly refusals: readonly string[];
  /** null: not measured; absent in facts of older versions. */
  readonly traffic?: MeasuredTraffic | null;
  readonly serving?: ServingHealth;
}

export interface PlanInput {
  readonly spec: Spec;
  readonly to: Tier;
  readonly snapshot: Pick<Snapshot, 'version' | 'inputs'>;
  readonly facts: readonly PlanFacts[];
  readonly history: PhaseTimes;
  /** Seconds of gaps and starts before. */
  readonly timings?: Timings;
  /** How this version, or this source, fared before; newest first. */
  readonly past?: readonly PastDeployment[];
  /** Why it is deployed although it was rolled back. */
  readonly reason?: string | null;
  /** SHA-256 of a text, in hexadecimal digits. */
  readonly sha256: (text: string) => string;
}

/** The environments that a deployment passes through to reach `to`, in the order of promotion. */
export function environmentsTo(spec: Spec, to: Tier): readonly EnvironmentSpec[] {
  const last = spec.environments.findIndex((environment) => environment.name === to);
  return spec.environments.slice(0, last + 1);
}

export function makePlan(input: PlanInput): Plan {
  const { version, inputs } = input.snapshot;
  const wanted = environmentsTo(input.spec, input.to);
  const names = wanted.map(({ name }) => name);
  const was = rolledBackBefore(input, names, (past) => past.version === version);
  const twin = rolledBackBefore(input, names, (past) => past.version !== version);
  const reason = input.reason?.trim() || null;
  const environments = wanted.map((environment) => {
    const planned = planEnvironment(input, environment);
    if (was === null || reason !== null || environment.name !== input.to) return planned;
    const refusal = `${was}. Say why it is deployed again: mvca deploy --reason WHY`;
    return { ...planned, refusals: [...planned.refusals, refusal] };
  });
  const agreedTo = environments.map(agreed);
  const digest = `sha256:${input.sha256(canonicalJson({ app: input.spec.app, version, inputs, environments: agreedTo }))}`;
  const again = was === null || reason === null ? {} : { again: { was, reason } };
  const sameSource = twin === null ? {} : { sameSource: twin };
  return { app: input.spec.app, version, inputs, environments, ...again, ...sameSource, digest };
}

function rolledBackBefore(
  { past = [], snapshot: { version } }: PlanInput,
  environments: readonly Tier[],
  meant: (past: PastDeployment) => boolean,
): string | null {
  const rolledBack = lastRollback(past.filter(meant), environments);
  return rolledBack && rollbackWords(rolledBack, version);
}

/** Without what is only said of it: history, and how things stand while the plan is made. */
function agreed(planned: PlannedEnvironment): Partial<PlannedEnvironment> {
  const {
    estimate: _history,
    verdicts: _traffic,
    downtime: _estimate,
    wayBack: _words,
    badWayBack: _health,
    rehearsal: _reason,
    undoWithinMs: _limit,
    ...said
  } = planned;
  return said;
}

function planEnvironment(input: PlanInput, environment: EnvironmentSpec): PlannedEnvironment {
  const facts = input.facts.find((known) => known.environment === environment.name);
  if (facts === undefined) throw new Error(`no facts of ${environment.name} were given`);
  const target = servingRelease(facts);
  const first = target === null;
  const bad = badWayBack(target, facts.serving ?? null);
  const { timings = {} } = input;
  const strategy = strategyOf(environment);
  const strategyFacts = { first, ...(target?.whole === undefined ? {} : { old: target.whole }) };
  const rehearsal = rehearsalOf(environment, { target, bad, isLast: environment.name === input.to });
  const steps = withRehearsal(strategy.steps(environment, strategyFacts), environment, rehearsal).map((step) =>
    plannedStep(step, environment, target),
  );
  return {
    environment: environment.name,
    strategy: environment.strategy.kind,
    target: target && { release: target.release, version: target.version, artifact: target.artifact },
    wayBack: `${wayBack(target, returnable(facts))}${target === null ? '' : restartWords(environment, timings)}`,
    ...(bad === null ? {} : { badWayBack: bad }),
    undoWithinMs: undoWithinMs(
      steps.map(({ step }) => step),
      environment,
    ),
    steps,
    approval: environment.approval && {
      from: environment.approval.from,
      needs: environment.approval.needs,
      deadlineMs: environment.approval.deadlineMs,
      requester: environment.approval.requester,
    },
    configuration: `sha256:${input.sha256(canonicalJson(environment))}`,
    secrets: Object.fromEntries(
      Object.entries(environment.secrets).map(([name, reference]) => [
        name,
        { reference, version: facts.secretVersions[name] ?? null },
      ]),
    ),
    downtime: downtime(environment, { first, timings, steps: steps.map(({ step }) => step) }),
    rehearsal,
    estimate: estimate(environment.name, input.history),
    verdicts: steps.flatMap(({ name, step }) =>
      step.kind === 'watch' ? [verdictOf({ ...step, name }, environment, facts.traffic ?? null)] : [],
    ),
    refusals: [...strategy.refusals(environment, strategyFacts), ...facts.refusals],
  };
}

function estimate(environment: Tier, history: PhaseTimes): PlannedEnvironment['estimate'] {
  const expected = forecast(environment === 'production' ? ['production', 'watch'] : [environment], history);
  if (expected === null) return null;
  const { medianSeconds, p90Seconds, from } = expected;
  return { medianMinutes: medianSeconds / 60, p90Minutes: p90Seconds / 60, from };
}
