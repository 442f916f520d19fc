import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, type JsonOption, type Run } from '../command';
import { answer, ANSWER_NOTE } from './answer';

interface Options extends JsonOption {
  readonly reason?: string;
  readonly as: string;
}

export function addResume(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'resume [app]',
    does: 'end the pause of the running deployment',
    examples: ['mvca resume shop', 'mvca resume shop --as bo --reason "payments answer again"'],
    notes: [ANSWER_NOTE],
  })
    .option('--reason <text>', 'kept in the audit log')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, { reason, as: by, json }: Options) =>
        answer(cli, {
          named,
          json,
          what: `resume by ${by}`,
          send: (deployment) => deployment.resume({ by, ...(reason === undefined ? {} : { reason }) }),
        }),
      ),
    );
}
