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

/**
 * Adds `--reason`, without which the command is refused, at once with all that it needs.
 * @param who who may, where not everybody may
 */
export const needsReason = (command: Command, why: string, who = ''): Command =>
  command.option('--reason <text>', `${why} (required)`).hook('preAction', (_, called) => {
    if (called.opts<{ readonly reason?: string }>().reason?.trim()) return;
    const group = called.parent?.parent == null ? '' : `${called.parent.name()} `;
    throw new Halt(`\`mvca ${group}${called.name()}\` needs --reason WHY (${why})${who === '' ? '' : `, and ${who}`}`);
  });

/** Of a word that needs whom an approval needs. */
export const APPROVERS =
  'somebody who may approve in that environment (--as NAME): in production, unless the spec says otherwise, not who asked for the deployment';
