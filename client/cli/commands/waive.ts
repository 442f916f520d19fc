import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, type JsonOption, type Run } from '../command';
import { answer, ANSWER_NOTE } from './answer';

interface Options extends JsonOption {
  readonly reason: string;
  readonly finding?: string;
  readonly as: string;
}

export function addWaive(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'waive [app]',
    does: 'let the deployment go on although something could not be decided',
    examples: [
      'mvca waive shop --as bo --reason "no traffic at night, checked by hand"',
      'mvca waive shop --as bo --finding tests/coverage --reason "the report comes with the next version"',
    ],
    notes: ['A waiver counts for this deployment only; it stands in the audit log with name and reason.', ANSWER_NOTE],
  })
    .requiredOption('--reason <text>', 'why it may go on')
    .option('--finding <id>', 'waive this finding alone, such as tests/coverage (default: all that is open)')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, { reason, finding, as: by, json }: Options) =>
        answer(cli, {
          named,
          json,
          what: `waiver by ${by}`,
          send: (deployment) => deployment.waive({ by, reason, ...(finding === undefined ? {} : { finding }) }),
        }),
      ),
    );
}
