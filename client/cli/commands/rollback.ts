import { Option, type Command } from 'commander';
import type { EnvironmentSpec, NotifierSpec, Spec } from '../../../domain/spec/spec';
import type { Tier } from '../../../domain/words';
import type { OnConflict } from '../../line';
import { lastRequest } from '../../last-request';
import { loadSpec } from '../../spec-file';
import type { Cli, Engine } from '../cli';
import { asOption, declare, type JsonOption, type Run } from '../command';
import { followToEnd } from '../following';
import { Halt } from '../halt';
import { isPlace, waitInLine } from '../in-line';
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
    .action(run((cli: Cli, named: string | undefined, options: Options) => rollback(cli, named, options)));
}

async function rollback(cli: Cli, named: string | undefined, options: Options): Promise<number> {
  const app = await cli.app(named);
  const engine = await cli.engine({ start: true });
  const spec = await specOf(cli, engine, { app, file: options.spec });
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

type Known = { readonly environments: readonly EnvironmentSpec[]; readonly notify: readonly NotifierSpec[] };

/** A way back must not need the right folder: the last deployment knows the spec that it was made with. */
async function specOf(
  cli: Cli,
  { connection }: Engine,
  { app, file }: { readonly app: string; readonly file: string | undefined },
): Promise<Known> {
  if (file !== undefined) return ofApp((await cli.spec(file)).spec, app);
  const here = await loadSpec();
  if (here.kind === 'read' && here.spec.app === app) return here.spec;
  const last = await lastRequest(connection, app);
  if (last !== null) return last.spec;
  throw new Halt(`the spec of ${app} is not known here: go to the application's folder, or name it with --spec`);
}

function ofApp(spec: Spec, app: string): Spec {
  if (spec.app === app) return spec;
  throw new Halt(`that is the spec of ${spec.app}, not of ${app}`);
}

function environmentOf({ environments }: Known, wanted: Tier | undefined): EnvironmentSpec {
  const found = wanted === undefined ? environments.at(-1) : environments.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new Halt(
    `the spec has no environment ${wanted ?? ''}; it has: ${environments.map(({ name }) => name).join(', ')}`,
  );
}
