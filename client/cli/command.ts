/** How commands are declared: usage, examples, `--json`, and an action that answers an exit code. */
import { Option, type Command } from 'commander';
import { personProblem } from '../../domain/approvals/person';
import type { Cli } from './cli';
import { Halt } from './halt';

/** Turns an action that answers an exit code into one for the argument parser. */
export type Run = <A extends unknown[]>(
  action: (cli: Cli, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>;

export interface Declaration {
  /** As in `status [app]`. */
  readonly usage: string;
  readonly does: string;
  /** Lines that can be typed. */
  readonly examples: readonly string[];
  /** What is worth knowing beside the options. */
  readonly notes?: readonly string[];
}

export interface JsonOption {
  readonly json?: boolean;
}

/** Adds a command under `parent`. */
export function declare(parent: Command, { usage, does, examples, notes = [] }: Declaration): Command {
  const help = [
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((example) => `  $ ${example}`),
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ];
  return parent.command(usage).description(does).option('--json', 'print JSON').addHelpText('after', help.join('\n'));
}

/** The person in whose name something is done. */
export const asOption = (config: { readonly user: string }): Option =>
  new Option('--as <name>', 'the person who asks (default: MVCA_USER, else the account)').default(
    config.user,
    config.user,
  );

/** What signs in that name, where people have identities. */
export const keyOption = (): Option =>
  new Option('--key <file>', 'the key that signs (default: MVCA_KEY, else one of ~/.ssh or the agent that is known)');

/** The name may come from the option, `MVCA_USER` or the account; before anything is begun in it. @throws Halt */
export function refuseUnnamed(command: Command): void {
  const { as } = command.opts<{ readonly as?: string }>();
  const problem = as === undefined ? null : personProblem(as);
  if (problem !== null) throw new Halt(`${problem}; say who asks with --as or MVCA_USER`);
}
