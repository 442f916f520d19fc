/** How large a spec may be: its environments are written into the history of a deployment again and again, which must not get full. */
import { Buffer } from 'node:buffer';
import type { Finding } from './problems';
import type { EnvironmentSpec, Spec } from './spec';
import { readWording } from './wording';

/** Bytes as JSON, aliases written out and defaults filled in. */
const MOST = 100_000;
/** Bytes that all calls of a deployment may carry of its environments. */
const MOST_IN_ALL = 6_000_000;
/** Calls that carry an environment: those that any deployment makes, and those of each share or batch. */
const CALLS = { always: 25, each: 4 } as const;

/** What is too large for any deployment, with what would help; none where it fits. */
export function sizeFindings(spec: Spec): Finding[] {
  if (jsonBytes(spec, MOST) > MOST) {
    const expected = `at most ${MOST} bytes in all, aliases written out; what is longer can be a file of the application, or a secret`;
    return [{ path: ['environments'], wording: readWording(expected) }];
  }
  let left = MOST_IN_ALL;
  return spec.environments.flatMap((environment) => {
    const most = Math.floor(left / callsOf(environment));
    const bytes = jsonBytes(environment, MOST);
    left = Math.max(0, left - bytes * callsOf(environment));
    return bytes <= most ? [] : [tooMany(environment, bytes, most)];
  });
}

function tooMany({ name, strategy }: EnvironmentSpec, bytes: number, most: number): Finding {
  const why = `at most ${most} bytes with so many steps (it has ${bytes}), aliases written out`;
  const less = strategy.kind === 'canary' ? 'fewer `strategy.steps`' : 'a larger `strategy.batch`';
  return {
    path: ['environments', name],
    wording: readWording(`${why}; what would help: ${less}, or shorter \`variables\``),
  };
}

function callsOf({ strategy, platform }: EnvironmentSpec): number {
  const steps =
    strategy.kind === 'canary'
      ? strategy.steps.length
      : strategy.kind === 'rolling'
        ? Math.ceil(platform.instances / strategy.batch)
        : 0;
  return CALLS.always + CALLS.each * steps;
}

/** Counted until it is more than `most`: a small text can unfold into more than memory holds. */
function jsonBytes(value: unknown, most: number): number {
  if (typeof value !== 'object' || value === null) return Buffer.byteLength(JSON.stringify(value) ?? '') + 1;
  let bytes = 2;
  for (const [key, each] of Object.entries(value)) {
    if (bytes > most) break;
    bytes += (Array.isArray(value) ? 0 : Buffer.byteLength(JSON.stringify(key)) + 1) + jsonBytes(each, most - bytes);
  }
  return bytes;
}
