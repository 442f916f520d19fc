import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, needsReason, type Run } from '../command';
import { answer, ANSWER_NOTE, signable, type AnswerOptions } from './answer';

interface Options extends AnswerOptions {
  readonly reason: string;
}

export function addPause(program: Command, run: Run, config: { readonly user: string }): void {
  const command = declare(program, {
    usage: 'pause [app]',
    does: 'hold the next step of the running deployment',
    examples: ['mvca pause shop --reason "payments are slow, wait for us"'],
    notes: [
      'A watch goes on while it is paused: what is unhealthy goes back at once. `mvca resume` goes on, `mvca promote` too.',
      'Nobody resumes it within `watch.deadline` of the environment: everything is undone.',
      ANSWER_NOTE,
    ],
  });
  needsReason(signable(command), 'shown to everybody, and kept in the audit log')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, options: Options) => {
        const { reason, as: by } = options;
        const message = async () => ({ kind: 'pause', by, reason }) as const;
        return answer(cli, { named, options, what: `pause by ${by}`, message });
      }),
    );
}
