import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, type JsonOption, type Run } from '../command';
import { answer, ANSWER_NOTE } from './answer';

interface Options extends JsonOption {
  readonly reason: string;
  readonly as: string;
  readonly digest?: string;
}

export function addReject(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'reject [app]',
    does: 'say no to the plan that waits for approval; the deployment ends rejected',
    examples: ['mvca reject shop --reason "the price list is wrong"'],
    notes: [ANSWER_NOTE],
  })
    .requiredOption('--reason <text>', 'kept in the audit log')
    .option('--digest <digest>', 'only if the plan is still this one')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, { reason, as: by, json, digest }: Options) =>
        answer(cli, {
          named,
          json,
          what: `refusal by ${by}`,
          send: (deployment) => deployment.reject({ by, reason, ...(digest === undefined ? {} : { digest }) }),
        }),
      ),
    );
}
