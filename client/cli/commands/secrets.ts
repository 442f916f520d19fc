import type { Command } from 'commander';
import { TIERS } from '../../../domain/words';
import {
  acceptRestoredSecrets,
  ALL_ENVIRONMENTS,
  listSecrets,
  setSecret,
  unsetSecret,
} from '../../../system/secret-store';
import { noted } from '../../../system/secret-journal';
import { changeRules, rulesOf } from '../../../system/secret-rules';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { line, part } from '../line';
import { readSecret } from '../read-secret';
import { readPlace, reference, type Place } from '../secret-place';
import { secretDeed } from '../secret-deed';
import { padEnd } from '../text';
import { addSharing, collect, readDestinations } from './secrets-rules';

const PLACE_NOTE = 'Without an environment the secret belongs to the application as a whole: secret://file/APP/NAME.';

interface SetOptions extends JsonOption {
  readonly for?: readonly string[];
}

export function addSecrets(program: Command, run: Run): void {
  const secrets = program.command('secrets').description('manage the encrypted secrets of this machine');
  declare(secrets, {
    usage: 'set <app> <place...>',
    does: 'set a secret; the value is read from standard input, or asked for without showing it',
    examples: [
      'mvca secrets set shop production DATABASE_URL < url.txt',
      'mvca secrets set shop production DB_PASSWORD --for postgres://db.internal < password.txt',
      'mvca secrets set shop HOOK',
    ],
    notes: [
      '<place...> is ENVIRONMENT NAME, or NAME alone.',
      PLACE_NOTE,
      'It is for this application and environment only; see `mvca secrets share`. Where MVCA itself sends it (a password to a database, a token to',
      'a Prometheus), it goes only where --for says; without --for only to where it was sent first.',
    ],
  })
    .option('--for <url>', 'the only destination that MVCA sends it to; repeatable', collect, [])
    .action(
      run((cli: Cli, ...[app, words, options]: [string, string[], SetOptions]) =>
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
    does: 'show names and versions, where they may be sent and who shares them; never values',
    examples: ['mvca secrets list shop'],
  }).action(run((cli: Cli, app: string | undefined, options: JsonOption) => list(cli, app, options)));
  addSharing(secrets, run);
  declare(secrets, {
    usage: 'accept-restored',
    does: 'take the secrets as they lie there now for the newest, after a backup was restored on purpose',
    examples: ['mvca secrets accept-restored'],
    notes: [
      'Without it, secrets that are older than those that were written last are refused: somebody may have put them back.',
    ],
  }).action(run((cli: Cli, options: JsonOption) => accept(cli, options)));
}

async function set({ print, config }: Cli, place: Place, options: SetOptions): Promise<number> {
  const destinations = readDestinations(options.for ?? []);
  const value = await readSecret(print.help.err);
  const where = reference(place);
  const only = destinations.length === 0 ? '' : `, for ${destinations.join(' and ')} only`;
  const deed = secretDeed(config, { action: 'secret.set', reference: where, summary: `${where} was set${only}` });
  const act = async (): Promise<number> => {
    // Before there is a value, so that none is without its rules.
    if (destinations.length > 0) await changeRules(config.home, where, (rules) => ({ ...rules, destinations }));
    return setSecret(config.home, place, value);
  };
  const version = await noted(config.home, deed, { act, factsOf: (set) => ({ version: set }) });
  if (options.json) print.json({ reference: where, version, for: destinations });
  else print.result(line(part('set ', 'good'), `${where}, version ${version}${only}`));
  return EXIT.succeeded;
}

async function unset({ print, config }: Cli, place: Place, { json }: JsonOption): Promise<number> {
  const where = reference(place);
  const deed = secretDeed(config, { action: 'secret.unset', reference: where, summary: `${where} was taken away` });
  const act = async (): Promise<boolean> => {
    const found = await unsetSecret(config.home, place);
    await changeRules(config.home, where, () => null);
    return found;
  };
  const had = await noted(config.home, deed, { act, factsOf: (found) => ({ had: found }) });
  if (json) print.json({ reference: where, had });
  else print.result(`${where} ${had ? 'is taken away' : 'was not there'}`);
  return EXIT.succeeded;
}

async function list(cli: Cli, named: string | undefined, { json }: JsonOption): Promise<number> {
  const app = await cli.app(named);
  const { home } = cli.config;
  const found = await Promise.all(
    [ALL_ENVIRONMENTS, ...TIERS].map(async (environment) =>
      Promise.all(
        (await listSecrets(home, app, environment)).map(async ({ name, version, changedAt }) => {
          const where = reference({ app, environment, name });
          const { destinations, sharedWith } = await rulesOf(home, where);
          return { reference: where, version, changedAt, for: destinations, sharedWith };
        }),
      ),
    ),
  );
  const secrets = found.flat();
  if (json) cli.print.json(secrets);
  else if (secrets.length === 0) cli.print.progress(`${app} has no secrets on this machine`);
  const width = Math.max(0, ...secrets.map((secret) => secret.reference.length));
  for (const secret of json ? [] : secrets) {
    const words = [
      `  version ${secret.version}, ${secret.changedAt}`,
      ...(secret.for.length === 0 ? [] : [`for ${secret.for.join(' and ')}`]),
      ...(secret.sharedWith.length === 0 ? [] : [`shared with ${secret.sharedWith.join(', ')}`]),
    ];
    cli.print.result(line(padEnd(secret.reference, width), part(words.join('; '), 'dim')));
  }
  return EXIT.succeeded;
}

async function accept({ print, config }: Cli, { json }: JsonOption): Promise<number> {
  const summary = 'the secrets as they lie there were taken for the newest';
  const deed = secretDeed(config, { action: 'secrets.accepted', reference: null, summary });
  const files = await noted(config.home, deed, {
    act: () => acceptRestoredSecrets(config.home),
    factsOf: (accepted) => ({ files: accepted.join(' ') }),
  });
  if (json) print.json({ files });
  else print.result(`taken as they are: ${files.length === 0 ? 'no secrets' : files.join(', ')}`);
  return EXIT.succeeded;
}
