import { Option, type Command } from 'commander';
import type { Tier } from '../../../domain/words';
import type { OnConflict } from '../../line';
import type { Cli } from '../cli';
import { asOption, declare, keyOption, type JsonOption, type Run } from '../command';
import { followToEnd } from '../following';
import { isPlace, waitInLine } from '../in-line';
import { environmentOf, knownSpec } from '../known-spec';
import { readTier } from '../options';
import { sayStarted } from './deploy';

interface Options extends JsonOption {
  readonly spec?: string;
  readonly environment?: Tier;
  readonly to?: string;
  readonly reason?: string;
  readonly detach?: boolean;
  readonly onConflict: OnConflict;
  readonly as: string;
  readonly key?: string;
}

export function addRollback(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'rollback [app]',
    does: 'go back to the release before, or to a named one that is kept: no build, no gates, the same care with traffic',
    examples: ['mvca rollback shop', 'mvca rollback shop --to 1.0.0 --reason "orders are lost"'],
    notes: [
      'Exit codes: 0 it serves again, 3 nothing was changed (the reason is printed), else those of `mvca deploy`.',
    ],
  })
    .option('--environment <name>', 'where (default: the last environment of the spec)', readTier)
    .option('--to <release>', 'a release or version that is kept (default: the one before)')
    .option('--reason <text>', 'kept in the audit log')
    .option('--spec <file>', 'the spec (default: that of this folder, else that of the last deployment)')
    .option('--detach', 'start it and do not follow it')
    .addOption(
      new Option('--on-conflict <what>', 'when a deployment of the application runs')
        .choices(['fail', 'queue', 'supersede'])
        .default('fail'),
    )
    .addOption(asOption(config))
    .addOption(keyOption())
    .action(run((cli: Cli, named: string | undefined, options: Options) => rollback(cli, named, options)));
}

async function rollback(cli: Cli, named: string | undefined, options: Options): Promise<number> {
  const app = await cli.app(named);
  const engine = await cli.engine({ start: true, key: options.key });
  const spec = await knownSpec(cli, engine, { app, file: options.spec });
  const request = {
    app,
    environment: environmentOf(spec, options.environment),
    notify: spec.notify,
    to: options.to ?? null,
    requester: options.as,
    reason: options.reason ?? null,
  };
  const { detach = false, json = false, onConflict } = options;
  const { deployments } = engine;
  const begun = await (onConflict === 'fail'
    ? deployments.rollback(request)
    : deployments.rollbackInLine(request, onConflict));
  const deployment = isPlace(begun) ? await waitInLine(cli, begun, { json, detach }) : begun;
  if (typeof deployment === 'number') return deployment;
  return detach ? sayStarted(cli, deployment, json) : followToEnd(cli, deployment, { json });
}
