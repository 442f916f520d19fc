/** Memory: used up, or growing as it does where something is never let go. */
import type { UseSample } from '../../host/runner';
import type { ReleaseFacts } from '../facts';
import { megabytes, type FigureCause, type LookAtFigures } from './finding';

/** Samples below these say nothing of a trend: a start fills its memory, too. */
const LEAST_SAMPLES = 8;
const LEAST_GROWTH_BYTES = 24 * 1024 * 1024;
const LEAST_GROWTH = 1.25;
/** Share of the variance that a straight line explains (R²). */
const STRAIGHT = 0.75;
const NEAR_LIMIT = 0.8;
/** The old release may grow as fast where it has as much traffic. */
const MUCH_FASTER = 3;

interface Trend {
  readonly instance: string;
  readonly from: UseSample;
  readonly to: UseSample;
  readonly bytesPerSecond: number;
}

export const lookAtMemory: LookAtFigures = (facts) => {
  const { fresh, old, memoryLimitBytes } = facts;
  const trend = steepest(fresh);
  const before = old === null ? null : steepest(old);
  const isNew = before === null || (trend?.bytesPerSecond ?? 0) > MUCH_FASTER * before.bytesPerSecond;
  const most = Math.max(0, ...Object.values(fresh.uses).flatMap((uses) => uses.map((use) => use.memoryBytes)));
  const killed = fresh.instances.find(({ lastExit }) => lastExit?.signal === 'SIGKILL');
  const isFull = most > NEAR_LIMIT * memoryLimitBytes || killed !== undefined;
  const leak = trend !== null && isNew ? [leakOf(trend, facts.at, isFull)] : [];
  return isFull ? [...leak, fullOf(facts, most, killed?.instance ?? null)] : leak;
};

/** The instance that grows fastest, where the growth is one at all. */
function steepest({ uses }: ReleaseFacts): Trend | null {
  const trends = Object.entries(uses).flatMap(([instance, samples]) => trendOf(instance, lastLife(samples)) ?? []);
  return trends.sort((a, b) => b.bytesPerSecond - a.bytesPerSecond)[0] ?? null;
}

/** Since memory last fell to a half: a process that was started again begins anew. */
function lastLife(samples: readonly UseSample[]): readonly UseSample[] {
  const begin = samples.findLastIndex(
    (sample, at) => at > 0 && sample.memoryBytes < (samples[at - 1]?.memoryBytes ?? 0) / 2,
  );
  return samples.slice(Math.max(0, begin));
}

/** By least squares over the later three quarters: the first is the start. */
function trendOf(instance: string, life: readonly UseSample[]): Trend | null {
  const samples = life.slice(Math.floor(life.length / 4));
  const [from, to] = [samples[0], samples.at(-1)];
  if (from === undefined || to === undefined || samples.length < LEAST_SAMPLES) return null;
  const grown = to.memoryBytes - from.memoryBytes;
  if (grown < LEAST_GROWTH_BYTES || to.memoryBytes < LEAST_GROWTH * from.memoryBytes) return null;
  const mean = (of: (sample: UseSample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [meanAt, meanBytes] = [mean(({ at }) => at), mean(({ memoryBytes }) => memoryBytes)];
  const together = mean(({ at, memoryBytes }) => (at - meanAt) * (memoryBytes - meanBytes));
  const [ofTime, ofBytes] = [
    mean(({ at }) => (at - meanAt) ** 2),
    mean(({ memoryBytes }) => (memoryBytes - meanBytes) ** 2),
  ];
  if (ofTime === 0 || ofBytes === 0 || together ** 2 / (ofTime * ofBytes) < STRAIGHT) return null;
  return { instance, from, to, bytesPerSecond: (together / ofTime) * 1_000 };
}

const leakOf = ({ instance, from, to, bytesPerSecond }: Trend, at: string, isFull: boolean): FigureCause => ({
  cause: 'memory-leak',
  confidence: isFull ? 0.85 : 0.7,
  title: `memory grows without an end: instance ${instance} by ${(bytesPerSecond / 1024 / 1024).toFixed(1)} MB a second`,
  evidence: [
    {
      source: 'runner',
      at,
      text: `instance ${instance} used ${megabytes(from.memoryBytes)} at ${timeOf(from)} and ${megabytes(to.memoryBytes)} at ${timeOf(to)}`,
    },
  ],
  remedy: {
    text: 'Look for what grows with each request: caches without a bound, listeners that are never removed, lists that are only added to. `node --heapsnapshot-signal=SIGUSR2` shows what is held.',
  },
});

const timeOf = ({ at }: UseSample): string => new Date(at).toISOString();

function fullOf(
  { at, memoryLimitBytes, fresh }: Parameters<LookAtFigures>[0],
  most: number,
  killed: number | null,
): FigureCause {
  const used =
    most === 0 ? '' : `the most that an instance used is ${megabytes(most)}; it may use ${megabytes(memoryLimitBytes)}`;
  const end = killed === null ? '' : `instance ${killed} was killed from outside (SIGKILL), and not by its runner`;
  return {
    cause: 'out-of-memory',
    confidence: most > NEAR_LIMIT * memoryLimitBytes ? 0.8 : 0.5,
    title:
      killed === null
        ? `instances of ${fresh.release} use nearly all the memory that they may`
        : 'an instance was killed from outside: most likely no memory was left',
    evidence: [used, end].filter((text) => text !== '').map((text) => ({ source: 'runner', at, text })),
    remedy: {
      text: 'See whether it grows without an end or only needs more: then raise `platform.memory`, take fewer instances, or a larger machine.',
    },
  };
}
