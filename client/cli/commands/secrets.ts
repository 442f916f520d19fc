import type { Command } from 'commander';
import { TIERS } from '../../../domain/words';
import { ALL_ENVIRONMENTS, listSecrets, setSecret, unsetSecret } from '../../../system/secret-store';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';
import { readSecret } from '../read-secret';
import { padEnd } from '../text';

/** Where a secret stands. */
interface Place {
  readonly app: string;
  readonly environment: string;
  readonly name: string;
}

const PLACE_NOTE = 'Without an environment the secret belongs to the application as a whole: secret://file/APP/NAME.';

export function addSecrets(program: Command, run: Run): void {
  const secrets = program.command('secrets').description('manage the encrypted secrets of this machine');
  declare(secrets, {
    usage: 'set <app> <place...>',
    does: 'set a secret; the value is read from standard input, or asked for without showing it',
    examples: ['mvca secrets set shop production DATABASE_URL < url.txt', 'mvca secrets set shop HOOK'],
    notes: ['<place...> is ENVIRONMENT NAME, or NAME alone.', PLACE_NOTE],
  }).action(
    run((cli: Cli, ...[app, words, options]: [string, string[], JsonOption]) =>
      set(cli, readPlace(app, words, 'set'), options),
    ),
  );
  declare(secrets, {
    usage: 'unset <app> <place...>',
    does: 'take a secret away',
    examples: ['mvca secrets unset shop production DATABASE_URL'],
    notes: [PLACE_NOTE],
  }).action(
    run((cli: Cli, ...[app, words, options]: [string, string[], JsonOption]) =>
      unset(cli, readPlace(app, words, 'unset'), options),
    ),
  );
  declare(secrets, {
    usage: 'list [app]',
    does: 'show names and versions; never values',
    examples: ['mvca secrets list shop'],
  }).action(run((cli: Cli, app: string | undefined, options: JsonOption) => list(cli, app, options)));
}

/** What is wrong is said without repeating a word: one of them may be the value. */
export function readPlace(app: string, words: readonly string[], doing: string): Place {
  const [first, second] = words;
  if (words.length > 2) {
    throw new Halt(
      'there is a word too many. A value is never an argument, where every process of this machine could read it: give it on standard input, or answer the prompt. If that word was the value, take another value now',
    );
  }
  const environment = second === undefined ? ALL_ENVIRONMENTS : TIERS.find((tier) => tier === first);
  const name = second ?? first ?? '';
  if (environment === undefined || !/^[a-z0-9][a-z0-9-]{0,39}$/.test(app) || !/^[A-Za-z_]\w{0,99}$/.test(name)) {
    throw new Halt(
      `expected: mvca secrets ${doing} APP ${TIERS.join('|')} NAME, where NAME is letters, digits and underscores; the value is never an argument, it is given on standard input`,
    );
  }
  return { app, environment, name };
}

const reference = ({ app, environment, name }: Place): string =>
  environment === ALL_ENVIRONMENTS ? `secret://file/${app}/${name}` : `secret://file/${app}/${environment}/${name}`;

async function set({ print, config }: Cli, place: Place, { json }: JsonOption): Promise<number> {
  const value = await readSecret(print.help.err);
  const version = await setSecret(config.home, place, value);
  if (json) print.json({ reference: reference(place), version });
  else print.result(line(part('set ', 'good'), `${reference(place)}, version ${version}`));
  return EXIT.succeeded;
}

async function unset({ print, config }: Cli, place: Place, { json }: JsonOption): Promise<number> {
  const had = await unsetSecret(config.home, place);
  if (json) print.json({ reference: reference(place), had });
  else print.result(`${reference(place)} ${had ? 'is taken away' : 'was not there'}`);
  return EXIT.succeeded;
}

async function list(cli: Cli, named: string | undefined, { json }: JsonOption): Promise<number> {
  const app = await cli.app(named);
  const places = [ALL_ENVIRONMENTS, ...TIERS];
  const found = await Promise.all(
    places.map(async (environment) =>
      (await listSecrets(cli.config.home, app, environment)).map(({ name, version, changedAt }) => ({
        reference: reference({ app, environment, name }),
        version,
        changedAt,
      })),
    ),
  );
  const secrets = found.flat();
  if (json) cli.print.json(secrets);
  else if (secrets.length === 0) cli.print.progress(`${app} has no secrets on this machine`);
  const width = Math.max(0, ...secrets.map((secret) => secret.reference.length));
  for (const secret of json ? [] : secrets) {
    const words = `  version ${secret.version}, ${secret.changedAt}`;
    cli.print.result(line(padEnd(secret.reference, width), part(words, 'dim')));
  }
  return EXIT.succeeded;
}
