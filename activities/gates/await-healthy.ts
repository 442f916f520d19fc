/** Waits until every instance of a release is healthy, and says why when one is not. */
import { CancelledFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitsAgain, notHealthy } from '../../domain/gates/start-failure';
import type { InstanceStatus } from '../../domain/host/runner';
import type { HealthSpec } from '../../domain/spec/spec';
import type { Address } from '../../domain/words';
import { listeningPorts } from '../../system/listening-ports';
import { fail } from '../failure';
import type { HttpCheck, HttpCheckResult } from './http-check';

export interface HealthyRequest {
  readonly addresses: readonly Address[];
  readonly check: HttpCheck;
  readonly health: HealthSpec;
  readonly signal: AbortSignal;
  /** The release as its platform reports it; null: the platform does not know it. */
  readonly release: () => Promise<{ readonly instances: readonly InstanceStatus[] } | null>;
  /** What the instances said last, secrets masked. */
  readonly lastLines: () => Promise<readonly string[]>;
  /** Told what was seen, when it changes. */
  readonly tell: (line: string) => void;
}

/**
 * Checks every instance each `everyMs` until all pass in one round; at most `startMs`.
 * @throws `StartFailed`: at the deadline, or as soon as an instance exits again and again; CancelledFailure.
 */
export type AwaitHealthy = (request: HealthyRequest) => Promise<void>;

export const awaitHealthy: AwaitHealthy = async (request) => {
  const { addresses, check, health, signal, tell } = request;
  const begun = performance.now();
  const before = new Map<number, number>();
  let told = '';
  for (;;) {
    const [results, release] = await Promise.all([
      Promise.all(addresses.map((address) => check(address, health, signal))),
      request.release().catch(() => null), // not to be asked now: the checks go on, and the deadline holds
    ]);
    if (signal.aborted) throw new CancelledFailure('cancelled while waiting for a healthy release');
    const healthy = results.filter((result) => result.passed).length;
    const line = `${healthy} of ${results.length} healthy${seenOf(results)}`;
    if (line !== told) tell((told = line));
    if (healthy === results.length) return;
    const instances = release?.instances ?? [];
    for (const { instance, restarts } of instances) if (!before.has(instance)) before.set(instance, restarts);
    const exits = exitsAgain(instances, before);
    if (exits !== null)
      throw await startFailed(request, exits, 'see its last lines; start it on this machine by hand to try');
    if (performance.now() - begun >= health.startMs) throw await late(request, results, instances);
    await sleep(health.everyMs, undefined, { signal }).catch(() => undefined); // cancelled: seen by the next round
  }
};

const seenOf = (results: readonly HttpCheckResult[]): string => {
  const first = results.find((result) => !result.passed);
  return first === undefined ? '' : ` (${first.seen})`;
};

async function late(
  request: HealthyRequest,
  results: readonly HttpCheckResult[],
  instances: readonly InstanceStatus[],
): Promise<Error> {
  const index = results.findIndex((result) => !result.passed);
  const [address, result] = [request.addresses[index], results[index]];
  const known = instances.find(({ port }) => port === address?.port);
  const { message, remedy } = notHealthy({
    instance: known?.instance ?? index,
    host: address?.host ?? '',
    port: address?.port ?? 0,
    path: request.health.path,
    seen: result?.seen ?? null,
    code: result?.code ?? null,
    listening: known?.pid == null ? null : await listeningPorts(known.pid).catch(() => null), // /proc may be closed to us
  });
  const limit = `${request.health.startMs / 1_000} s (health.start)`;
  return startFailed(request, `not healthy within ${limit}: ${message}`, remedy);
}

async function startFailed({ lastLines }: HealthyRequest, message: string, remedy: string): Promise<Error> {
  const lines = await lastLines().catch(() => []); // the words above must come through without them
  const said = lines.length === 0 ? ['It said nothing.'] : ['It said last:', ...lines.map((line) => `  ${line}`)];
  return fail('StartFailed', [message, `Next: ${remedy}.`, ...said].join('\n'));
}
