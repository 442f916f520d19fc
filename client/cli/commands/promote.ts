import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, type Run } from '../command';
import { answer, ANSWER_NOTE, signable, type AnswerOptions } from './answer';

interface Options extends AnswerOptions {
  readonly reason: string;
}

export function addPromote(program: Command, run: Run, config: { readonly user: string }): void {
  const command = declare(program, {
    usage: 'promote [app]',
    does: 'end the running watch, and a pause, and begin the next step now',
    examples: ['mvca promote shop --as bo --reason "enough seen at 10 %, the fix is urgent"'],
    notes: [
      'Never goes over a watch that found the release unhealthy, and skips no approval and no gate.',
      'Who may not approve in that environment may not promote there either.',
      ANSWER_NOTE,
    ],
  });
  signable(command)
    .requiredOption('--reason <text>', 'why it need not be watched longer; kept in the audit log')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, options: Options) => {
        const { reason, as: by } = options;
        const message = async () => ({ kind: 'promote', by, reason }) as const;
        return answer(cli, { named, options, what: `promotion by ${by}`, message });
      }),
    );
}
