import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, type JsonOption, type Run } from '../command';
import { answer, ANSWER_NOTE } from './answer';

interface Options extends JsonOption {
  readonly reason: string;
  readonly as: string;
}

export function addAbort(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'abort [app]',
    does: 'undo everything that the running deployment has changed',
    examples: ['mvca abort shop --reason "the price list is wrong"'],
    notes: [ANSWER_NOTE],
  })
    .requiredOption('--reason <text>', 'kept in the audit log')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, { reason, as: by, json }: Options) =>
        answer(cli, {
          named,
          json,
          what: `abort by ${by}`,
          send: (deployment) => deployment.abort({ by, reason }),
        }),
      ),
    );
}
