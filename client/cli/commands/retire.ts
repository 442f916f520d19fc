import type { Command } from 'commander';
import type { Tier } from '../../../domain/words';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { environmentOf, knownSpec } from '../known-spec';
import { readTier } from '../options';

interface Options extends JsonOption {
  readonly environment?: Tier;
  readonly serving?: boolean;
  readonly spec?: string;
}

export function addRetire(program: Command, run: Run): void {
  declare(program, {
    usage: 'retire <app> <release>',
    does: 'stop a release that is not needed any more and remove its files; one that serves is left alone',
    examples: ['mvca retire shop 1.4.0-3f9a2b1c --environment production'],
    notes: ['Exit codes: 0 it is stopped, 3 it serves and was left alone, 6 a deployment of the application runs.'],
  })
    .option('--environment <name>', 'where (default: the last environment of the spec)', readTier)
    .option('--serving', 'also when it serves: nobody serves then')
    .option('--spec <file>', 'the spec (default: that of this folder, else that of the last deployment)')
    .action(
      run((cli: Cli, app: string, release: string, options: Options) => retire(cli, { app, release, ...options })),
    );
}

interface Wanted extends Options {
  readonly app: string;
  readonly release: string;
}

async function retire(cli: Cli, { app: named, release, environment: tier, serving, spec: file, json }: Wanted) {
  const app = await cli.app(named);
  const engine = await cli.engine({ start: true });
  const environment = environmentOf(await knownSpec(cli, engine, { app, file }), tier);
  const asked = { app, environment, release, serving: serving === true ? ('stop' as const) : ('leave' as const) };
  const answer = await engine.deployments.retire(asked);
  const isStopped = answer === 'stopped';
  const place = `${release} of ${app} in ${environment.name}`;
  if (json) cli.print.json({ app, environment: environment.name, release, stopped: isStopped });
  else cli.print.result(isStopped ? `${place} is stopped` : `${place} serves, and was left alone`);
  return isStopped ? EXIT.succeeded : EXIT.rejected;
}
