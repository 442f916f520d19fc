import { appendFileSync } from 'node:fs';
import { LEASE_SECONDS } from '../../domain/lease';
import { survive, type Kill, type Survived, type World } from '../support/chaos';
import { ALLOWED_FAILURES, titleOf } from './table';

/** The lease may have been renewed so long before the kill. */
const TOLD_LATE_SECONDS = 3;

/** Kills, and expects everything that must hold. With MVCA_TEST_CHAOS_LOG the figures of each kill are appended there, a line each. */
export async function expectSurvival(world: World, kill: Kill): Promise<void> {
  const begun = performance.now();
  const survived = await survive(world, kill).catch((error: Error) => {
    log(titleOf(kill), { broke: error.message });
    throw error;
  });
  log(titleOf(kill), { ...survived, seconds: (performance.now() - begun) / 1_000 });
  expect(survived).toMatchObject({ wrong: [], outcome: expect.stringMatching(outcomesOf(kill, survived)) });
  const allowed = ALLOWED_FAILURES[kill.victim];
  expect(survived.failed).toBeLessThanOrEqual(allowed === 0 ? 0 : allowed + survived.inFlight);
}

export function log(what: string, figures: object): void {
  const file = process.env['MVCA_TEST_CHAOS_LOG'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, ...figures })}\n`);
}

/**
 * A dead engine is no reason to go back, unless it was away for longer than the lease. An instance that dies while its release is judged may
 * be one. In staging either is a no.
 */
const outcomesOf = ({ victim }: Kill, { backSeconds }: Survived): RegExp =>
  victim === 'instance' || backSeconds > LEASE_SECONDS - TOLD_LATE_SECONDS
    ? /^(succeeded|rolled-back|rejected)$/
    : /^succeeded$/;
