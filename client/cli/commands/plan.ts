import type { Command } from 'commander';
import type { Tier } from '../../../domain/words';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { readTier, readVersion } from '../options';
import { planEnd, planLines } from '../views/plan';

interface Options extends JsonOption {
  readonly spec?: string;
  readonly version?: string;
  readonly to?: Tier;
  readonly dirty?: boolean;
  readonly reason?: string;
}

export function addPlan(program: Command, run: Run): void {
  declare(program, {
    usage: 'plan',
    does: 'show what deploy would do, and change nothing',
    examples: ['mvca plan', 'mvca plan --to staging --json'],
    notes: ['The same plan has the same digest. Exit codes: 0 it can be carried out, 2 it would be refused.'],
  })
    .option('--spec <file>', 'the spec (default: deployment.yaml in this folder)')
    .option('--version <version>', 'its version', readVersion)
    .option('--to <environment>', 'the last environment to reach (default: the last of the spec)', readTier)
    .option('--dirty', 'take changes that git does not have')
    .option('--reason <text>', 'why a version that was rolled back is deployed again')
    .action(run((cli: Cli, options: Options) => plan(cli, options)));
}

async function plan(cli: Cli, { spec: file, version, to, dirty, reason, json }: Options): Promise<number> {
  const { spec, directory, file: name } = await cli.spec(file);
  const { deployments } = await cli.engine({ start: true });
  cli.print.progress('taking the source and asking what runs now…');
  const made = await deployments.plan({
    spec,
    directory,
    file: name,
    version: version ?? null,
    dirty: dirty ?? false,
    requester: cli.config.user,
    reason: reason ?? null,
    ...(to === undefined ? {} : { to }),
  });
  if (json) cli.print.json(made);
  else for (const whole of [...planLines(made), ...planEnd(made)]) cli.print.result(whole);
  return made.environments.some(({ refusals }) => refusals.length > 0) ? EXIT.usage : EXIT.succeeded;
}
