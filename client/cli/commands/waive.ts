import type { Command } from 'commander';
import { EVERYWHERE } from '../../../domain/approvals/decide';
import type { Cli } from '../cli';
import { APPROVERS, asOption, declare, needsReason, type Run } from '../command';
import { answer, ANSWER_NOTE, signable, type AnswerOptions } from './answer';

interface Options extends AnswerOptions {
  readonly reason: string;
  readonly finding?: string;
  readonly everywhere?: boolean;
}

export function addWaive(program: Command, run: Run, config: { readonly user: string }): void {
  const command = declare(program, {
    usage: 'waive [app]',
    does: 'let the deployment go on although something could not be decided',
    examples: [
      'mvca waive shop --as bo --reason "no traffic at night, checked by hand"',
      'mvca waive shop --as bo --finding tests/coverage --reason "the report comes with the next version"',
    ],
    notes: [
      'A waiver counts for this deployment only; it stands in the audit log with name and reason. What was waived is not asked again.',
      'It needs --reason, and somebody who may approve in that environment: in production, unless the spec says otherwise,',
      'not who asked for the deployment.',
      ANSWER_NOTE,
    ],
  });
  needsReason(signable(command), 'why it may go on', APPROVERS)
    .option('--finding <id>', 'waive this finding alone, such as tests/coverage (default: all that is open)')
    .option('--everywhere', 'in the environments to come as well, where their gates say the same')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, options: Options) => {
        const { reason, everywhere = false, as: by } = options;
        const finding = everywhere ? [EVERYWHERE, options.finding].filter(Boolean).join('/') : options.finding;
        const message = async () =>
          ({ kind: 'waive', by, reason, ...(finding === undefined ? {} : { finding }) }) as const;
        return answer(cli, { named, options, what: `waiver by ${by}`, message });
      }),
    );
}
