/**
 * Fewer instances of the old release, then more of the new one, and the traffic in proportion. Undo, registered with the first of these
 * steps for all of them: the old ones come back batch by batch; all at once where the new release is sick or has no traffic any more.
 */
import { patched } from '@temporalio/workflow';
import { percentOf, turnsBack, type Turn } from '../../domain/strategies/turns';
import type { StrategyStep } from '../../domain/strategies/strategy';
import { cutWords, leased, scaleTo } from './instances';
import type { Release } from './release';
import { factsOf } from './validate';

type ReplaceStep = Extract<StrategyStep, { kind: 'replace' }>;

export async function replace(release: Release, step: ReplaceStep): Promise<string> {
  const { deployment, environment, planned } = release;
  const old = planned.target?.release;
  if (old === undefined) return 'nothing serves yet';
  if (step === firstOf(release))
    deployment.saga.register({
      environment: environment.name,
      step: 'replace',
      does: `put the replaced instances of ${old} back`,
      leaves: { kind: 'put-back', release: old, in: environment },
      act: () => putBack(release, old),
    });
  return step.old === 0 ? replaceLast(release, step, old) : replaceSome(release, step, old);
}

const firstOf = ({ planned }: Release): StrategyStep | undefined =>
  planned.steps.find(({ step }) => step.kind === 'replace')?.step;

async function replaceSome(release: Release, step: ReplaceStep, old: string): Promise<string> {
  const { holder } = release.deployment;
  const meanwhile = percentOf({ old: step.old, fresh: release.addresses.length });
  const drained = await scaleTo(release, {
    ...{ release: old, count: step.old, to: 'fewer', holder },
    traffic: leased(release, old, meanwhile),
  });
  const started = await scaleTo(release, {
    ...{ release: release.release, count: step.instances, to: 'more', holder },
    traffic: leased(release, old, step.percent),
  });
  return arrived(release, { drained, started });
}

/** From here on there is nobody to whom a lease could give the traffic back: what serves goes on serving. */
async function replaceLast(release: Release, step: ReplaceStep, old: string): Promise<string> {
  const { deployment, planned } = release;
  const all = { weights: { [release.release]: 100 }, lease: null };
  release.goesBackTo = null;
  deployment.status.wayBack = {
    open: true,
    reason: `${planned.wayBack}; its instances are stopped now, so that the way back starts them first`,
    closes: null,
  };
  const drained = await scaleTo(release, { release: old, count: 0, to: 'fewer', holder: null, traffic: all });
  const started = await scaleTo(release, {
    ...{ release: release.release, count: step.instances, to: 'more', holder: null },
    traffic: all,
  });
  return arrived(release, { drained, started });
}

interface Exchanged {
  readonly drained: Awaited<ReturnType<typeof scaleTo>>;
  readonly started: Awaited<ReturnType<typeof scaleTo>>;
}

function arrived(release: Release, { drained, started }: Exchanged): string {
  const { deployment } = release;
  const weight = started.traffic.after[release.release] ?? 0;
  release.addresses = started.addresses;
  release.mark = started.traffic.mark;
  const summary = `${started.addresses.length} of the new release healthy after ${started.seconds.toFixed(1)} s, ${weight} % to it${cutWords(drained)}`;
  deployment.note('weights.set', summary, { facts: { release: release.release, percent: weight } });
  return summary;
}

async function putBack(release: Release, old: string): Promise<string> {
  const { deployment, environment, planned } = release;
  const isSick = deployment.status.watches.at(-1)?.verdict === 'unhealthy';
  const steps = planned.steps.map(({ step }) => step);
  let now = await standing(release, old);
  const whole = turnsBack(steps, now).at(-1) ?? now;
  // Whole already; but the router may have forgotten it.
  if (now.old >= whole.old && now.fresh === 0) await comeBack(release, old, whole.old);
  while (now.old < whole.old || now.fresh > 0) {
    // In a rehearsal both may be stopped: what has no traffic serves nobody, and the router may not know it any more.
    const isIdle = now.weight === 0 && (now.old > 0 || patched('idle-leaves-at-once'));
    const isAtOnce = isIdle || (isSick && now.old > 0);
    const turn = isAtOnce ? whole : (turnsBack(steps, now)[0] ?? whole);
    await turnBack(release, { old, now, turn, isSick });
    now = { ...turn, weight: isSick ? 0 : percentOf(turn) };
  }
  release.goesBackTo = old;
  deployment.note('instances.back', `${whole.old} of ${old}`, { facts: { environment: environment.name } });
  return `${whole.old} instances of ${old} serve again`;
}

const comeBack = (release: Release, old: string, count: number): Promise<unknown> =>
  scaleTo(release, {
    ...{ release: old, count, to: 'more', holder: null, isUndo: true },
    traffic: { weights: { [old]: 100 }, lease: null },
  });

interface Standing extends Turn {
  /** Of the new release, in percent. */
  readonly weight: number;
}

async function standing({ deployment, environment, release }: Release, old: string): Promise<Standing> {
  const { releases, weights } = await factsOf(deployment.status.app, environment);
  const count = (name: string): number => {
    const found = releases.find((known) => known.release === name);
    return found === undefined || found.state === 'stopped' ? 0 : (found.wanted ?? found.instances.length);
  };
  return { old: count(old), fresh: count(release), weight: weights[release] ?? 0 };
}

interface Back {
  readonly old: string;
  readonly now: Standing;
  readonly turn: Turn;
  readonly isSick: boolean;
}

/** The new ones leave before the old ones come: there is no more room on the way back than there was on the way there. */
async function turnBack(release: Release, { old, now, turn, isSick }: Back): Promise<void> {
  const { holder } = release.deployment;
  const share = (of: Turn, percent: number) =>
    of.old === 0 ? { weights: { [release.release]: 100 }, lease: null } : leased(release, old, percent);
  const give = (of: Turn) =>
    of.old > 0 && (isSick || of.fresh === 0) ? { weights: { [old]: 100 }, lease: null } : share(of, percentOf(of));
  const undo = { holder, isUndo: true };
  const fresh = Math.min(now.fresh, turn.fresh);
  // Nobody would serve: then the old ones come first, whatever room there is.
  const isEmpty = now.old + fresh === 0;
  if (isEmpty) await comeBack(release, old, turn.old);
  const left = { old: isEmpty ? turn.old : now.old, fresh };
  if (now.fresh > 0)
    await scaleTo(release, { ...undo, release: release.release, count: fresh, to: 'fewer', traffic: give(left) });
  await scaleTo(release, {
    ...undo,
    release: old,
    count: turn.old,
    to: 'more',
    traffic: give({ ...left, old: turn.old }),
  });
}
