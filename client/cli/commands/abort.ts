import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, needsReason, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { line, part } from '../line';
import { answer, ANSWER_NOTE, signable, type AnswerOptions } from './answer';

interface Options extends AnswerOptions {
  readonly reason: string;
  readonly inLine?: string;
}

export function addAbort(program: Command, run: Run, config: { readonly user: string }): void {
  const command = declare(program, {
    usage: 'abort [app]',
    does: 'undo everything that the running deployment has changed',
    examples: [
      'mvca abort shop --reason "the price list is wrong"',
      'mvca abort shop --in-line 1a2b3c4d5e6f --reason "not today"',
    ],
    notes: [ANSWER_NOTE],
  });
  needsReason(signable(command), 'kept in the audit log')
    .option('--in-line <id>', 'take this one out of the line instead; `mvca status` names them')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, options: Options) => {
        const { reason, as: by, inLine } = options;
        if (inLine !== undefined) return takeOut(cli, named, { ...options, inLine });
        return answer(cli, {
          named,
          options,
          what: `abort by ${by}`,
          message: async () => ({ kind: 'abort', by, reason }),
        });
      }),
    );
}

async function takeOut(
  cli: Cli,
  named: string | undefined,
  { reason, as: by, json, inLine: id }: Options & { readonly inLine: string },
): Promise<number> {
  const app = await cli.app(named);
  const { deployments } = await cli.engine({ start: false });
  const accepted = await deployments.leaveLine(app, { id, by, reason });
  const words = accepted ? `${id} has left the line of ${app}` : `${id} does not wait in the line of ${app}`;
  if (json) cli.print.json({ app, id, accepted, reason: words });
  else cli.print.result(line(part(words, accepted ? 'good' : 'bad')));
  return accepted ? EXIT.succeeded : EXIT.usage;
}
