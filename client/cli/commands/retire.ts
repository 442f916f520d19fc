import type { Command } from 'commander';
import { retireProblem } from '../../../domain/requests/problem';
import type { Tier } from '../../../domain/words';
import type { EnvironmentFacts } from '../../../activities/facts-contract';
import type { RetireRequest } from '../../../workflows/messages';
import type { Cli, Engine } from '../cli';
import { asOption, declare, keyOption, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { environmentOf, knownSpec } from '../known-spec';
import { readTier } from '../options';

interface Options extends JsonOption {
  readonly environment?: Tier;
  readonly serving?: boolean;
  readonly spec?: string;
  readonly as: string;
  readonly key?: string;
}

export function addRetire(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'retire <app> <release>',
    does: 'stop a release that is not needed any more and remove its files; one that serves is left alone',
    examples: ['mvca retire shop 1.4.0-3f9a2b1c --environment production'],
    notes: [
      'It stands in the audit log, and needs a signature where people have identities: what is kept is the way back.',
      'Exit codes: 0 it is stopped, 2 there is no such release, 3 it serves and was left alone, 6 a deployment of the application runs.',
    ],
  })
    .option('--environment <name>', 'where (default: the last environment of the spec)', readTier)
    .option('--serving', 'also when it serves: nobody serves then')
    .option('--spec <file>', 'the spec (default: that of this folder, else that of the last deployment)')
    .addOption(keyOption())
    .addOption(asOption(config))
    .action(
      run((cli: Cli, app: string, release: string, options: Options) => retire(cli, { app, release, ...options })),
    );
}

interface Wanted extends Options {
  readonly app: string;
  readonly release: string;
}

async function retire(cli: Cli, wanted: Wanted) {
  const { app: named, release, environment: tier, serving, spec: file, json } = wanted;
  const app = await cli.app(named);
  const engine = await cli.engine({ start: true, key: wanted.key });
  const environment = environmentOf(await knownSpec(cli, engine, { app, file }), tier);
  const leaving = serving === true ? ('stop' as const) : ('leave' as const);
  const asked = { app, environment, release, serving: leaving, by: wanted.as };
  // What can be no release's name is one that there is not.
  const answer = retireProblem(asked) === null ? await engine.deployments.retire(asked) : 'unknown';
  if (json) cli.print.json({ app, environment: environment.name, release, stopped: answer === 'stopped', answer });
  if (answer === 'unknown') throw new Halt(await unknownWords(engine, asked));
  const place = `${release} of ${app} in ${environment.name}`;
  const isStopped = answer === 'stopped';
  if (!json) cli.print.result(isStopped ? `${place} is stopped` : `${place} ${LEFT_ALONE}`);
  return isStopped ? EXIT.succeeded : EXIT.rejected;
}

const LEFT_ALONE =
  'serves, and was left alone; `mvca rollback` gives its traffic to another release, `--serving` to nobody';

async function unknownWords({ deployments }: Engine, { app, environment, release }: RetireRequest): Promise<string> {
  const query = { kind: 'environments', app, environments: [environment] } as const;
  const [facts] = await deployments.inspect<readonly EnvironmentFacts[]>(query);
  const kept = facts?.releases.map((known) => known.release).join(', ') ?? '';
  return `${app} has no release ${release} in ${environment.name}; it has: ${kept === '' ? 'none' : kept}`;
}
