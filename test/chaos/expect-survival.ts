import { appendFileSync } from 'node:fs';
import { survive, type Kill, type World } from '../support/chaos';
import { ALLOWED_FAILURES, titleOf } from './table';

/** Kills, and expects everything that must hold. With MVCA_TEST_CHAOS_LOG the figures of each kill are appended there, a line each. */
export async function expectSurvival(world: World, kill: Kill): Promise<void> {
  const survived = await survive(world, kill);
  const log = process.env['MVCA_TEST_CHAOS_LOG'];
  if (log !== undefined) appendFileSync(log, `${JSON.stringify({ kill: titleOf(kill), ...survived })}\n`);
  expect(survived).toMatchObject({ wrong: [], outcome: expect.stringMatching(outcomesOf(kill)) });
  expect(survived.failed).toBeLessThanOrEqual(ALLOWED_FAILURES[kill.victim]);
}

/** A dead engine is no reason to go back. An instance that dies while its release is judged may be one; in staging that is a no. */
const outcomesOf = ({ victim }: Kill): RegExp =>
  victim === 'instance' ? /^(succeeded|rolled-back|rejected)$/ : /^succeeded$/;
