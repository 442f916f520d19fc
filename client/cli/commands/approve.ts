import type { Command } from 'commander';
import type { DeploymentStatus } from '../../../domain/deployment';
import { waitingSentence } from '../../../domain/reports/sentence';
import type { Deployment } from '../../deployment';
import type { Answer, Message } from '../../send-message';
import type { Cli } from '../cli';
import { asOption, declare, type Run } from '../command';
import { planLines } from '../views/plan';
import { answer, ANSWER_NOTE, signable, type AnswerOptions } from './answer';

interface Options extends AnswerOptions {
  readonly digest?: string;
  readonly reason?: string;
}

export function addApprove(program: Command, run: Run, config: { readonly user: string }): void {
  const command = declare(program, {
    usage: 'approve [app]',
    does: 'say yes to the plan that waits for approval',
    examples: [
      'mvca approve shop --as bo',
      'mvca approve shop --digest sha256:… --as bo --key ~/.ssh/id_ed25519',
      'mvca approve shop --as bo --print',
    ],
    notes: ['Without --digest the plan that is waited for is shown, and approved.', ANSWER_NOTE],
  });
  signable(command)
    .option('--digest <digest>', "the plan's digest, as `mvca status` shows it")
    .option('--reason <text>', 'kept in the audit log')
    .option('--policy', 'to the change of the policy that waits (see `mvca policy set`)')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, named: string | undefined, options: Options) =>
        answer(cli, {
          named,
          options,
          what: `approval by ${options.as}`,
          message: (deployment) => approve(cli, deployment, options),
        }),
      ),
    );
}

async function approve(
  cli: Cli,
  deployment: Deployment,
  { digest, reason, as: by }: Options,
): Promise<Message | Answer> {
  const words = reason === undefined ? {} : { reason };
  if (digest !== undefined) return { kind: 'approve', by, digest, ...words };
  const status = await deployment.status();
  const { waitingFor } = status;
  if (waitingFor?.kind !== 'approval' || waitingFor.digest === null) {
    return { accepted: false, reason: `no approval is being waited for: ${standing(status)}` };
  }
  for (const warning of status.kind === 'policy' ? status.warnings : []) cli.print.progress(warning);
  for (const whole of status.plan === null ? [] : planLines(status.plan)) cli.print.progress(whole);
  return { kind: 'approve', by, digest: waitingFor.digest, ...words };
}

function standing({ outcome, phase, waitingFor }: DeploymentStatus): string {
  if (outcome !== null) return `the deployment has ended (${outcome})`;
  return waitingFor === null ? `it is in ${phase}` : `it ${waitingSentence(waitingFor)}`;
}
