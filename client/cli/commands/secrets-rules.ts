/** Who else may use a secret, and where MVCA may send it. */
import type { Command } from 'commander';
import { destinationOf } from '../../../domain/secrets/access';
import { TIERS } from '../../../domain/words';
import { noted, type SecretDeed } from '../../../system/secret-journal';
import { changeRules, type SecretRules } from '../../../system/secret-rules';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { secretDeed } from '../secret-deed';
import { readPlace, reference } from '../secret-place';

interface Options extends JsonOption {
  readonly with?: readonly string[];
  readonly for?: readonly string[];
}

export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** In the one form in which they are compared. @throws Halt that names the one that is none. */
export const readDestinations = (urls: readonly string[]): readonly string[] =>
  urls.map((url) => {
    const destination = destinationOf(url);
    if (destination === null)
      throw new Halt(`--for is \`${url}\`; expected a URL with scheme and host, such as postgres://db.internal`);
    return destination;
  });

export function addSharing(secrets: Command, run: Run): void {
  const shared = (words: string): string => `<app> or <app>/<environment> that ${words}; repeatable`;
  declare(secrets, {
    usage: 'share <app> <place...>',
    does: 'let another application, or another environment, use a secret of this one',
    examples: [
      'mvca secrets share shop production MAIL_KEY --with billing/production',
      'mvca secrets share shop production MAP_KEY --with shop/staging',
    ],
    notes: ['Without an environment behind --with it is shared with all environments of that application.'],
  })
    .option('--with <who>', shared('may use it'), collect, [])
    .action(run((cli: Cli, ...rest: [string, string[], Options]) => share(cli, 'share', rest)));
  declare(secrets, {
    usage: 'unshare <app> <place...>',
    does: 'take that back; instances that run already keep what they have',
    examples: ['mvca secrets unshare shop production MAIL_KEY --with billing/production'],
  })
    .option('--with <who>', shared('may not any more'), collect, [])
    .action(run((cli: Cli, ...rest: [string, string[], Options]) => share(cli, 'unshare', rest)));
  declare(secrets, {
    usage: 'allow <app> [place...]',
    does: 'let MVCA send a secret to one more destination',
    examples: [
      'mvca secrets allow shop production DB_PASSWORD --for postgres://replica.internal:5433',
      'mvca secrets allow secret://env/TOKEN --for https://prometheus.example.com',
    ],
  })
    .option('--for <url>', 'scheme, host and port count; repeatable', collect, [])
    .action(run((cli: Cli, ...rest: [string, string[], Options]) => allow(cli, rest)));
}

async function share(
  cli: Cli,
  doing: 'share' | 'unshare',
  [app, words, options]: [string, string[], Options],
): Promise<number> {
  const place = readPlace(app, words, doing);
  const who = options.with ?? [];
  const wrong = who.find((one) => !isGrant(one));
  if (who.length === 0 || wrong !== undefined)
    throw new Halt(
      `${wrong === undefined ? '--with is missing' : `--with is \`${wrong}\``}; expected APP or APP/${TIERS.join('|')}, such as billing/production`,
    );
  const where = reference(place);
  const others = who.join(' and ');
  const deed =
    doing === 'share'
      ? secretDeed(cli.config, {
          action: 'secret.shared',
          reference: where,
          summary: `${where} is shared with ${others}`,
        })
      : secretDeed(cli.config, {
          action: 'secret.unshared',
          reference: where,
          summary: `${where} is not shared with ${others} any more`,
        });
  return change(cli, { where, deed }, options, (rules) => ({
    ...rules,
    sharedWith: [...rules.sharedWith.filter((one) => !who.includes(one)), ...(doing === 'share' ? who : [])],
  }));
}

function isGrant(text: string): boolean {
  const [app = '', environment, ...more] = text.split('/');
  const isTier = environment === undefined || TIERS.some((tier) => tier === environment);
  return /^[a-z0-9][a-z0-9-]{0,39}$/.test(app) && isTier && more.length === 0;
}

async function allow(cli: Cli, [app, words, options]: [string, string[], Options]): Promise<number> {
  const where = /^secret:\/\/env\/[A-Za-z_]\w*$/.test(app) ? app : reference(readPlace(app, words, 'allow'));
  const more = readDestinations(options.for ?? []);
  if (more.length === 0) throw new Halt('--for is missing; it names the destination, such as postgres://db.internal');
  const summary = `${where} may be sent to ${more.join(' and ')}, too`;
  const deed = secretDeed(cli.config, { action: 'secret.allowed', reference: where, summary });
  return change(cli, { where, deed }, options, (rules) => ({
    ...rules,
    destinations: [...new Set([...rules.destinations, ...more])],
  }));
}

async function change(
  { print, config }: Cli,
  { where, deed }: { readonly where: string; readonly deed: SecretDeed },
  { json }: JsonOption,
  edit: (rules: SecretRules) => SecretRules,
): Promise<number> {
  const act = (): Promise<SecretRules> => changeRules(config.home, where, edit);
  const { destinations, sharedWith } = await noted(config.home, deed, { act });
  if (json) print.json({ reference: where, for: destinations, sharedWith });
  else {
    print.result(
      `${where}: sent ${destinations.length === 0 ? 'nowhere yet' : `to ${destinations.join(' and ')} only`}`,
    );
    print.result(
      `${where}: ${sharedWith.length === 0 ? 'shared with nobody' : `shared with ${sharedWith.join(', ')}`}`,
    );
  }
  return EXIT.succeeded;
}
