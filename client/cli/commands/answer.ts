/** The messages of people to a running deployment: what they share. */
import type { Deployment } from '../../deployment';
import type { Answer } from '../../send-message';
import { currentDeployment, type Cli } from '../cli';
import { EXIT } from '../exit-codes';
import { line, part } from '../line';

export interface Sending {
  readonly named: string | undefined;
  readonly json: boolean | undefined;
  /** Such as `approval by ana`. */
  readonly what: string;
  readonly send: (deployment: Deployment) => Promise<Answer>;
}

export const ANSWER_NOTE = 'Exit codes: 0 accepted, 2 refused (the reason is printed), 7 engine unreachable.';

/** Sends a message to the application's deployment, waits for its answer and says it. */
export async function answer(cli: Cli, { named, json, what, send }: Sending): Promise<number> {
  const app = await cli.app(named);
  const deployment = await currentDeployment(await cli.engine({ start: false }), app);
  const { accepted, reason } = await send(deployment);
  if (json) cli.print.json({ app, deployment: deployment.id, run: deployment.run, accepted, reason });
  else
    cli.print.result(line(part(`${what} ${accepted ? 'accepted' : 'refused'}: ${reason}`, accepted ? 'good' : 'bad')));
  return accepted ? EXIT.succeeded : EXIT.usage;
}
