/** A person takes a release away: they did ask for it, and it stands in the audit log. */
import { workflowInfo } from '@temporalio/workflow';
import { personProblem } from '../../domain/approvals/person';
import { retireId, type RetireRequest, type Retirement } from '../messages';
import { halt } from '../support/failure';
import { isGuarded } from '../support/guarded';
import { Journal } from '../support/journal';
import { prove, refuseAnotherPlace } from './identify';

/** What is left to be told of it. */
export type TellRetired = (how: Retirement) => Promise<void>;

/** null: a deployment left it to its child, and nobody asks. @throws `UnprovenRequester` as of a deployment's */
export async function askedByHand(request: RetireRequest): Promise<TellRetired | null> {
  if (workflowInfo().parent !== undefined || !isGuarded()) return null;
  const { app, environment, release, by = 'unknown', serving = 'leave' } = request;
  const problem = personProblem(by);
  if (problem !== null) throw halt('InvalidSpec', problem);
  refuseAnotherPlace(retireId(app, environment.name, release), app);
  const { workflowId: deployment, runId: run } = workflowInfo();
  const journal = new Journal({ deployment, run, app, environment: environment.name }, null);
  const { signed } = await prove({ by, app, meaning: 'retire' }, request);
  const words = `${by} asks to stop ${release} and to remove its files${serving === 'stop' ? ', also where it serves' : ''}`;
  journal.note(signed === null ? 'retire.asked' : 'retire.signed', words, signed ?? { by });
  await journal.writeAll();
  return async (how) => {
    journal.note('retire.done', `${release}: ${how}`, { by });
    await journal.writeAll();
  };
}
