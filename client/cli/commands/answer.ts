/** The messages of people to a running deployment: what they share. */
import { Option, type Command } from 'commander';
import { CLAIMS } from '../../../domain/identity/identity';
import type { Deployment } from '../../deployment';
import type { Answer, Message } from '../../send-message';
import { currentDeployment, currentPolicy, type Cli } from '../cli';
import { keyOption, type JsonOption } from '../command';
import { EXIT } from '../exit-codes';
import { line, part } from '../line';

export interface AnswerOptions extends JsonOption {
  readonly as: string;
  readonly key?: string;
  readonly print?: boolean;
  /** To the change of the policy that waits, not to the deployment. */
  readonly policy?: boolean;
}

export interface Sending {
  readonly named: string | undefined;
  readonly options: AnswerOptions;
  /** Such as `approval by ana`. */
  readonly what: string;
  /** What is sent; or why nothing can be. */
  readonly message: (deployment: Deployment) => Promise<Message | Answer>;
}

export const ANSWER_NOTE = 'Exit codes: 0 accepted, 2 refused (the reason is printed), 7 engine unreachable.';

/** Adds what signs it, and what it is for whoever cannot send it from here. */
export const signable = (command: Command): Command =>
  command
    .addOption(keyOption())
    .addOption(new Option('--print', 'send nothing; print the signal that can be pasted elsewhere within the hour'));

/** Sends a message to the application's deployment, waits for its answer and says it. */
export async function answer(cli: Cli, { named, options, what, message }: Sending): Promise<number> {
  const app = await cli.app(named);
  const engine = await cli.engine({ start: false, key: options.key });
  const deployment = await (options.policy === true ? currentPolicy(engine, app) : currentDeployment(engine, app));
  const made = await message(deployment);
  if ('accepted' in made) return say(cli, deployment, { ...options, what, answer: made });
  if (options.print === true) return print(cli, deployment, made);
  const sent = await deployment.send(made);
  const exit = say(cli, deployment, { ...options, what, answer: sent });
  const style = engine.connection.kind === 'cluster' ? 'warn' : 'dim';
  if (sent.claimed === true) cli.print.progress(line(part(CLAIMS, style)));
  return exit;
}

interface Said extends JsonOption {
  readonly what: string;
  readonly answer: Answer;
}

function say({ print }: Cli, { app, id, run }: Deployment, { what, answer, json }: Said): number {
  const { accepted, reason } = answer;
  if (json) print.json({ app, deployment: id, run, accepted, reason });
  else print.result(line(part(`${what} ${accepted ? 'accepted' : 'refused'}: ${reason}`, accepted ? 'good' : 'bad')));
  return accepted ? EXIT.succeeded : EXIT.usage;
}

async function print(cli: Cli, deployment: Deployment, message: Message): Promise<number> {
  const { id, run } = deployment;
  cli.print.json(await deployment.paste(message));
  cli.print.progress(
    line(
      part('send it: ', 'dim'),
      `temporal workflow signal --workflow-id ${id} --run-id ${run} --name ${message.kind} --input …`,
    ),
  );
  return EXIT.succeeded;
}
