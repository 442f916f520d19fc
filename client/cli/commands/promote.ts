import type { Command } from 'commander';
import type { Cli } from '../cli';
import { APPROVERS, asOption, declare, needsReason, type Run } from '../command';
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
      'It needs --reason, and somebody who may approve in that environment: in production, unless the spec says otherwise,',
      'not who asked for the deployment.',
      ANSWER_NOTE,
    ],
  });
  needsReason(signable(command), 'why it need not be watched longer; kept in the audit log', APPROVERS)
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, options: Options) => {
        const { reason, as: by } = options;
        const message = async () => ({ kind: 'promote', by, reason }) as const;
        return answer(cli, { named, options, what: `promotion by ${by}`, message });
      }),
    );
}
