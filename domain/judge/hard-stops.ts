/** What needs no statistics: facts that end a watch at once. */
import type { InstanceStatus } from '../host/runner';
import { percent } from '../numbers';
import type { Why } from '../words';

/** How long an instance may be away before it "does not come back". */
const RETURN_MS = 3_000;
/** Restarts within one watch after which a release is a crash loop. */
const RESTARTS = 3;
const REFUSED_IN_A_ROW = 2;
const RED_IN_A_ROW = 2;
/** Resources are judged over this long, so that a start is no alarm. */
export const RESOURCE_WINDOW_MS = 30_000;

export interface HardFacts {
  readonly now: number;
  readonly instances: readonly InstanceStatus[];
  /** Restarts of each instance when the watch began. */
  readonly restartsBefore: Readonly<Record<string, number>>;
  /** Readings in a row in which the router found no instance that took a connection. */
  readonly refusedInARow: number;
  /** Failed health checks in a row, by instance address, with what was seen. */
  readonly red: readonly { readonly instance: string; readonly inARow: number; readonly seen: string }[];
}

export function hardStop(facts: HardFacts): Why | null {
  return crashed(facts) ?? refused(facts) ?? sick(facts);
}

function crashed(facts: HardFacts): Why | null {
  for (const instance of facts.instances) {
    const restarts = instance.restarts - (facts.restartsBefore[String(instance.instance)] ?? 0);
    const away = instance.state === 'backing-off' || instance.state === 'stopped';
    const awayMs = away && instance.lastExit !== null ? facts.now - instance.lastExit.at : 0;
    if (restarts < RESTARTS && awayMs < RETURN_MS) continue;
    return {
      measure: `instance ${instance.instance}`,
      value: `${endOf(instance)}, ${restarts} restarts`,
      limit: `fewer than ${RESTARTS} restarts, back within ${RETURN_MS / 1000} s`,
      samples: `${facts.instances.length} instances`,
      source: 'runner',
    };
  }
  return null;
}

const endOf = (instance: InstanceStatus): string => {
  if (instance.lastExit === null) return instance.state;
  const { code, signal } = instance.lastExit;
  if (signal !== null) return `ended by ${signal}`;
  return code === null ? 'ended' : `exited with ${code}`;
};

const refused = (facts: HardFacts): Why | null =>
  facts.refusedInARow < REFUSED_IN_A_ROW
    ? null
    : {
        measure: 'connections',
        value: 'refused',
        limit: 'taken',
        samples: `${facts.refusedInARow} readings in a row`,
        source: 'router',
      };

function sick(facts: HardFacts): Why | null {
  const worst = facts.red.find((check) => check.inARow >= RED_IN_A_ROW);
  if (worst === undefined) return null;
  return {
    measure: `health of ${worst.instance}`,
    value: worst.seen,
    limit: 'healthy',
    samples: `${worst.inARow} checks in a row`,
    source: 'health check',
  };
}

export interface ResourceReading {
  /** Milliseconds since the watch began. */
  readonly at: number;
  /** Of one core, by the busiest instance. */
  readonly cpu: number;
  /** Resident memory against what an instance may use, by the largest instance. */
  readonly memory: number;
}

/** CPU and memory over the last 30 s, against a share; null while less than that was seen. */
export function resourceStop(readings: readonly ResourceReading[], now: number, limit: number): Why | null {
  const first = readings[0];
  if (first === undefined || now - first.at < RESOURCE_WINDOW_MS) return null;
  const recent = readings.filter((reading) => now - reading.at <= RESOURCE_WINDOW_MS);
  for (const measure of ['cpu', 'memory'] as const) {
    const mean = recent.reduce((sum, reading) => sum + reading[measure], 0) / Math.max(1, recent.length);
    if (mean <= limit) continue;
    return {
      measure: measure === 'cpu' ? 'CPU of the busiest instance' : 'memory of the largest instance',
      value: percent(mean, 1),
      limit: percent(limit, 1),
      samples: `mean of ${recent.length} readings over ${RESOURCE_WINDOW_MS / 1000} s`,
      source: 'runner',
    };
  }
  return null;
}
