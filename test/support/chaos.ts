/** One kill in one deployment, and everything that must hold of it. */
import type { DeploymentStatus } from '../../domain/deployment';
import type { Spec } from '../../domain/spec/spec';
import type { Outcome, Tier } from '../../domain/words';
import { sampleServing, servingIn, whatRuns, type Sampler } from './chaos/serving';
import { COMMANDS, isUnderWay, untilRuns } from './chaos/under-way';
import { isBack, kill, needsUp, type Victim } from './chaos/victims';
import type { Followed, World } from './chaos/world';

export { createWorld, type World } from './chaos/world';
export { killEngine } from './chaos/victims';
export { APP } from './chaos/application';
export { ENGINE_VICTIMS, HOST_VICTIMS, type Victim } from './chaos/victims';
export { servingIn } from './chaos/serving';

export interface Moment {
  /** null: a phase before any environment. */
  readonly environment: Tier | null;
  readonly step: string;
  /** `before` its effect: as soon as it has begun; `during`: while it works or waits; `after`: as soon as it has succeeded. */
  readonly when: 'before' | 'during' | 'after';
}

export interface Kill extends Moment {
  readonly victim: Victim;
}

export interface Survived {
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  /** From the kill until what was killed serves again. */
  readonly backSeconds: number;
  /** From the kill until the deployment says how it stands. */
  readonly answersSeconds: number;
  /** From the kill to the end of the deployment. */
  readonly endSeconds: number;
  readonly failed: number;
  /** Requests under way when it was killed. */
  readonly inFlight: number;
  /** From the first to the last failed request. */
  readonly failedSeconds: number;
  readonly failures: string;
  /** What did not hold; empty when all did. */
  readonly wrong: readonly string[];
}

/** Started again by a person so long after the kill. */
const UP_AFTER_MS = 1_000;
const BACK_MS = 60_000;
/** Retired releases are stopped within it. */
const SETTLE_MS = 45_000;

/** Deploys a good version, kills, waits for the end, and looks at everything that must hold. */
export async function survive(world: World, given: Kill): Promise<Survived> {
  const before = await servingIn(world.home, 'production');
  const followed = await world.deploy('good', specFor(world.spec, given));
  world.client.mark(followed.version);
  const sampler = sampleServing(world.home, given.victim !== 'instance' && given.victim !== 'runner');
  try {
    await reach(world, followed, given);
    return await surviveHere({ world, followed, sampler, before }, given);
  } finally {
    await sampler.stop();
    await followed.giveUp();
  }
}

export interface Course {
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly seconds: number;
  /** Requests that failed; 5xx of a bad release included. */
  readonly failed: number;
  readonly wrong: readonly string[];
}

/** Deploys a version that may be bad, lets it be disturbed without a kill, and looks at everything that must hold afterwards. */
export async function deployThrough(
  world: World,
  how: 'good' | 'bad',
  disturb: (followed: Followed) => Promise<void> = async () => undefined,
): Promise<Course> {
  const before = await servingIn(world.home, 'production');
  const begun = Date.now();
  const followed = await world.deploy(how);
  world.client.mark(followed.version);
  const sampler = sampleServing(world.home, true);
  try {
    await disturb(followed);
    const ended = await followed.ended();
    const seconds = (Date.now() - begun) / 1_000;
    await eventually(async () => isSettled(world), SETTLE_MS);
    const wrong = [...(await sampler.stop()), ...(await afterwards(world, followed.version, { ended, before }))];
    const { outcome, reason } = ended;
    return { outcome, reason, seconds, failed: world.client.snapshot(followed.version).failures, wrong };
  } finally {
    await sampler.stop();
    await followed.giveUp();
  }
}

/** A kill elsewhere than in staging is told as much by a deployment to production alone, and in half the time. */
const specFor = (spec: Spec, { environment, step }: Moment): Spec =>
  environment === 'staging' || step.endsWith('-staging')
    ? spec
    : { ...spec, environments: spec.environments.filter(({ name }) => name === 'production') };

interface Killing {
  readonly world: World;
  readonly followed: Followed;
  readonly sampler: Sampler;
  /** What served in production before it. */
  readonly before: readonly string[] | null;
}

async function surviveHere(
  { world, followed, sampler, before }: Killing,
  { victim, ...moment }: Kill,
): Promise<Survived> {
  const { home, client } = world;
  const { inFlight } = client.snapshot();
  const killedAt = Date.now();
  const since = (): number => (Date.now() - killedAt) / 1_000;
  const killed = await kill(victim, { home, environment: moment.environment ?? 'production' });
  const answered = answersAgain(followed).then(since);
  if (needsUp(victim)) {
    await sleep(UP_AFTER_MS);
    await world.up();
  }
  const back = await eventually(() => isBack(victim, home, killed), BACK_MS);
  const backSeconds = since();
  const ended = await followed.ended();
  const endSeconds = since();
  await eventually(async () => isSettled(world), SETTLE_MS);
  const counts = client.snapshot(followed.version);
  const wrong = [
    ...(back ? [] : [`${victim} is not back after ${BACK_MS / 1_000} s`]),
    ...(await sampler.stop()),
    ...(await afterwards(world, followed.version, { ended, before })),
  ];
  return {
    outcome: ended.outcome,
    reason: ended.reason,
    backSeconds,
    answersSeconds: await answered,
    endSeconds,
    failed: counts.failures,
    inFlight,
    failedSeconds: ((counts.lastBadAt ?? 0) - (counts.firstBadAt ?? 0)) / 1_000,
    failures: Object.entries(counts.failed)
      .map(([what, count]) => `${count} ${what}`)
      .join(', '),
    wrong,
  };
}

/** Waits until the deployment is at that moment; an approval is not given before it is reached. */
export async function reach({ home }: World, followed: Followed, moment: Moment): Promise<void> {
  const { environment, step, when } = moment;
  const state = when === 'after' ? 'succeeded' : 'started';
  const hold = step === 'approval' && when !== 'after';
  const command = when === 'during' ? COMMANDS[step] : undefined;
  if (command !== undefined) return untilRuns(home, command);
  const isThere = ({ steps }: DeploymentStatus): boolean =>
    steps.some((event) => event.environment === environment && event.step === step && event.state === state);
  const reached = (status: DeploymentStatus): boolean =>
    status.outcome !== null || (when === 'during' ? isUnderWay(status, moment) : isThere(status));
  const { outcome, reason } = await followed.until(reached, { hold });
  if (outcome !== null) throw new Error(`it ended ${outcome} before ${when} ${step}: ${reason}`);
}

async function answersAgain(followed: Followed): Promise<void> {
  await eventually(async () => (await followed.look()) !== null, BACK_MS);
}

async function isSettled({ home }: World): Promise<boolean> {
  const { found, wanted } = await whatRuns(home);
  return found.join() === wanted.join();
}

interface End {
  readonly ended: DeploymentStatus;
  readonly before: readonly string[] | null;
}

async function afterwards(world: World, version: string, { ended, before }: End): Promise<readonly string[]> {
  const { home, client } = world;
  const serving = (await servingIn(home, 'production'))?.join() ?? '';
  const succeeded = ended.outcome === 'succeeded';
  const wrong: string[] = [];
  if (succeeded ? !serving.startsWith(`${version}-`) : serving !== before?.join())
    wrong.push(`it ended ${ended.outcome}, and ${serving} serves; before: ${before?.join()}`);
  if (ended.failures.length > 0) wrong.push(`failures: ${ended.failures.join('; ')}`);
  const { found, wanted } = await whatRuns(home);
  if (found.join() !== wanted.join()) wrong.push(`runs: ${found.join(', ')}; should: ${wanted.join(', ')}`);
  const audit = await world.verifyAudit();
  if (!audit.ok) wrong.push(`audit: ${audit.firstBad?.why}`);
  const section = `${version} afterwards`;
  client.mark(section);
  await sleep(300);
  const versions = Object.keys(client.snapshot(section).byVersion);
  if (versions.length !== 1 || !serving.startsWith(`${versions[0]}-`))
    wrong.push(`answers come from ${versions.join(', ')}`);
  return wrong;
}

async function eventually(condition: () => Promise<boolean>, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(50)) if (await condition()) return true;
  return false;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
