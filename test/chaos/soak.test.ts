/**
 * Deployments in a row on one stack, with faults drawn by chance (the same ones every time): good and bad releases, people who abort,
 * and kills. In the first half nobody kills the engine or the router, so that their memory can be followed; in the second half anybody may be killed.
 */
import { createRandom } from '../../bench/support/random';
import { median } from '../../domain/numbers';
import { createWorld, deployThrough, ENGINE_VICTIMS, survive, type Kill, type World } from '../support/chaos';
import { memoryOf, type Memory } from '../support/chaos/memory';
import { removeScratch } from '../support/scratch';
import { log } from './expect-survival';
import { allKills, ALLOWED_FAILURES, titleOf } from './table';

const COUNT = process.env['MVCA_TEST_CHAOS'] === 'all' ? Number(process.env['MVCA_TEST_SOAK'] ?? 200) : 3;
const SEED = 7;
/** A quarter each in the first half is good, bad, aborted, killed. */
const KINDS = ['good', 'bad', 'abort', 'kill'] as const;
const ABORT_AT = ['plan', 'build', 'start', 'shift-100', 'watch'] as const;
const MEGABYTE = 1024 * 1024;
/** Between the medians of the first and the last third of the first half. */
const MAY_GROW = 60 * MEGABYTE;

jest.setTimeout(COUNT * 60_000);

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  const left = await world.close();
  removeScratch();
  expect(left).toEqual([]);
});

interface Ended {
  readonly fault: string;
  readonly outcome: string | null;
  readonly wrong: readonly string[];
}

test(`${COUNT} deployments in a row with random faults all end as they should, and leave nothing; memory stays flat`, async () => {
  const random = createRandom(SEED);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T;
  const ended: Ended[] = [];
  const memory: Memory[] = [];
  for (let n = 0; n < COUNT; n += 1) {
    const isCalm = n < COUNT / 2;
    const kind = pick(KINDS);
    const kills = allKills(isCalm ? ['keeper', 'runner', 'instance'] : [...ENGINE_VICTIMS, 'router']);
    const end = kind === 'kill' ? await killed(pick(kills)) : await deployed(kind, pick(ABORT_AT));
    ended.push(end);
    if (isCalm) memory.push(await memoryOf(world.home));
    log(`${n + 1} of ${COUNT}: ${end.fault}`, { ...end, memory: await memoryOf(world.home) });
  }
  expect(ended.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  if (memory.length >= 12) expect(grown(memory)).toEqual([]);
});

async function killed(kill: Kill): Promise<Ended> {
  const { outcome, reason, failed, wrong } = await survive(world, kill);
  const few = failed <= ALLOWED_FAILURES[kill.victim] ? [] : [`${failed} failed requests`];
  // A release whose instance dies while it is judged may be sent back.
  const mayGoBack = kill.victim === 'instance' && outcome !== 'rollback-failed';
  const end = outcome === 'succeeded' || mayGoBack ? [] : [`ended ${outcome}: ${reason}`];
  return { fault: titleOf(kill), outcome, wrong: [...wrong, ...few, ...end] };
}

async function deployed(kind: 'good' | 'bad' | 'abort', step: string): Promise<Ended> {
  const { outcome, reason, failed, wrong } = await deployThrough(
    world,
    kind === 'bad' ? 'bad' : 'good',
    kind === 'abort' ? (followed) => abortAt(followed, step) : undefined,
  );
  const wanted = { good: ['succeeded'], bad: ['rolled-back'], abort: ['rejected', 'rolled-back'] }[kind];
  const end = wanted.includes(outcome ?? '') ? [] : [`ended ${outcome}: ${reason}`];
  const few = kind === 'bad' || failed === 0 ? [] : [`${failed} failed requests`];
  return { fault: kind === 'abort' ? `abort in ${step}` : kind, outcome, wrong: [...wrong, ...end, ...few] };
}

type Followed = Parameters<NonNullable<Parameters<typeof deployThrough>[2]>>[0];

async function abortAt(followed: Followed, step: string): Promise<void> {
  await followed.until(({ steps, outcome }) => outcome !== null || steps.some((event) => event.step === step));
  await followed.abort('as somebody changed their mind');
}

/** Who uses more at the end than may be, in words. */
function grown(memory: readonly Memory[]): readonly string[] {
  const third = Math.floor(memory.length / 3);
  return (['supervisor', 'worker', 'router'] as const).flatMap((part) => {
    const at = (some: readonly Memory[]): number => median(some.map((each) => each[part])) ?? 0;
    const [first, last] = [at(memory.slice(0, third)), at(memory.slice(-third))];
    return last - first <= MAY_GROW ? [] : [`${part} grew from ${megabytes(first)} to ${megabytes(last)} MB`];
  });
}

const megabytes = (bytes: number): number => Math.round(bytes / MEGABYTE);
