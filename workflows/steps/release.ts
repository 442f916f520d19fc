/** One procedure for every environment: clean what was left, then walk the plan's steps. Knows no strategy and no vendor. */
import type { PlannedEnvironment, PlannedStep } from '../../domain/plan/plan';
import type { Artifact } from '../../domain/source';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import { EXPOSES, type StrategyStep } from '../../domain/strategies/strategy';
import type { SourceRequest } from '../../activities/contract';
import type { Drained } from '../../activities/scale-contract';
import type { Address } from '../../domain/words';
import type { Deployment } from '../support/deployment';
import { cleanRemains } from './clean-remains';
import { integrate, smoke } from './check-release';
import { makeRoom } from './make-room';
import { prove } from './prove';
import { rehearseBack, rehearseForth } from './rehearse';
import { replace } from './replace';
import { scale } from './scale';
import { shift } from './shift';
import { startNew } from './start-new';
import { stopOld } from './stop-old';
import { watch } from './watch';

/** What the steps that move traffic share, in a deployment and in a rollback. */
export interface Trafficked {
  readonly deployment: Deployment;
  environment: EnvironmentSpec;
  /** The release that serves now, and how the way back to it stands. */
  readonly planned: { readonly target: { readonly release: string } | null; readonly wayBack: string };
  readonly release: string;
  /** Known once it runs. */
  addresses: readonly Address[];
  /** The release that all traffic could go back to at this moment: it runs, and the router knows it. */
  goesBackTo: string | null;
  /** Epoch milliseconds since when nobody serves; missing: somebody does. */
  gapFrom?: number;
  /** The router's counters at the moment of the shift. */
  mark: unknown;
}

/** What all steps of a deployment's release share. */
export interface Release extends Trafficked {
  readonly planned: PlannedEnvironment;
  readonly source: SourceRequest;
  readonly artifact: Artifact;
  readonly version: string;
  /** It failed, was stopped with its files kept, and is diagnosed when the old release serves again. */
  isLookedAtLater?: boolean;
  /** What became of the requests that it had in flight when it was taken away. */
  last?: Drained['last'];
}

type Act<K extends StrategyStep['kind']> = (
  release: Release,
  step: Extract<StrategyStep, { kind: K }>,
) => Promise<string>;

/** What each kind of step does; it answers one line for people. */
const ACTS: { readonly [K in StrategyStep['kind']]: Act<K> } = {
  'stop-old': stopOld,
  'make-room': makeRoom,
  start: startNew,
  scale,
  replace,
  smoke,
  integration: integrate,
  shift,
  watch,
  'rehearse-back': rehearseBack,
  'rehearse-forth': rehearseForth,
  prove,
};

export async function release(release: Release): Promise<void> {
  const { deployment, environment, planned } = release;
  await deployment.enter(environment.name, environment.name);
  await cleanRemains(release);
  for (const step of planned.steps) {
    // The new release has the traffic and nobody watches it yet: nothing may be waited for in between.
    if (isFinalWatch(planned, step)) deployment.begin('watch', environment.name);
    // A pause waits before the step, unless users are exposed already: then the next watch does not end.
    await deployment.step(step.name, step.does, async () => ({
      value: undefined,
      summary: await expose(release, step.step),
    }));
  }
  deployment.saga.proven(environment.name);
}

function expose(release: Release, step: StrategyStep): Promise<string> {
  if (EXPOSES[step.kind]) release.deployment.steering.exposed = true;
  return act(release, step);
}

const act = <K extends StrategyStep['kind']>(
  release: Release,
  step: Extract<StrategyStep, { kind: K }>,
): Promise<string> => (ACTS[step.kind] as Act<K>)(release, step);

/** In production the watch with all traffic on the new release is a phase of its own. */
const isFinalWatch = ({ environment, steps }: PlannedEnvironment, step: PlannedStep): boolean =>
  environment === 'production' && step === steps.findLast(({ step: { kind } }) => kind === 'watch');
