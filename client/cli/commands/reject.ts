import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, needsReason, type Run } from '../command';
import { answer, ANSWER_NOTE, signable, type AnswerOptions } from './answer';

interface Options extends AnswerOptions {
  readonly reason: string;
  readonly digest?: string;
}

export function addReject(program: Command, run: Run, config: { readonly user: string }): void {
  const command = declare(program, {
    usage: 'reject [app]',
    does: 'say no to the plan that waits for approval; the deployment ends rejected',
    examples: ['mvca reject shop --reason "the price list is wrong"'],
    notes: [ANSWER_NOTE],
  });
  needsReason(signable(command), 'kept in the audit log')
    .option('--policy', 'to the change of the policy that waits (see `mvca policy set`)')
    .option('--digest <digest>', 'only if the plan is still this one')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, options: Options) => {
        const { reason, digest, as: by } = options;
        const message = async () =>
          ({ kind: 'reject', by, reason, ...(digest === undefined ? {} : { digest }) }) as const;
        return answer(cli, { named, options, what: `refusal by ${by}`, message });
      }),
    );
}
