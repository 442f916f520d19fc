import type { Command } from 'commander';
import type { Cli } from '../cli';
import { asOption, declare, type JsonOption, type Run } from '../command';
import { answer, ANSWER_NOTE } from './answer';

interface Options extends JsonOption {
  readonly reason: string;
  readonly as: string;
}

export function addPause(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'pause [app]',
    does: 'hold the next step of the running deployment',
    examples: ['mvca pause shop --reason "payments are slow, wait for us"'],
    notes: [
      'A watch goes on while it is paused: what is unhealthy goes back at once. `mvca resume` goes on, `mvca promote` too.',
      'Nobody resumes it within `watch.deadline` of the environment: everything is undone.',
      ANSWER_NOTE,
    ],
  })
    .requiredOption('--reason <text>', 'shown to everybody, and kept in the audit log')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, { reason, as: by, json }: Options) =>
        answer(cli, { named, json, what: `pause by ${by}`, send: (deployment) => deployment.pause({ by, reason }) }),
      ),
    );
}
