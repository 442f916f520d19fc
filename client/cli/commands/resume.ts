import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, type Run } from '../command';
import { answer, ANSWER_NOTE, signable, type AnswerOptions } from './answer';

interface Options extends AnswerOptions {
  readonly reason?: string;
}

export function addResume(program: Command, run: Run, config: { readonly user: string }): void {
  const command = declare(program, {
    usage: 'resume [app]',
    does: 'end the pause of the running deployment',
    examples: ['mvca resume shop', 'mvca resume shop --as bo --reason "payments answer again"'],
    notes: [ANSWER_NOTE],
  });
  signable(command)
    .option('--reason <text>', 'kept in the audit log')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, options: Options) => {
        const { reason, as: by } = options;
        const message = async () => ({ kind: 'resume', by, ...(reason === undefined ? {} : { reason }) }) as const;
        return answer(cli, { named, options, what: `resume by ${by}`, message });
      }),
    );
}
