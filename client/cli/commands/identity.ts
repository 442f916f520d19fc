import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CLAIMS, type IdentityView } from '../../../domain/identity/identity';
import { keyLine, readPublicKey, type PublicKey } from '../../../system/ssh/public-key';
import { Malformed } from '../../../system/ssh/wire';
import { signedByHome, signedByPerson } from '../../signing/signed-identity';
import type { Cli } from '../cli';
import { asOption, declare, needsReason, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part, type Line } from '../line';

interface Options extends JsonOption {
  readonly as: string;
  readonly signWith?: string;
}

interface RemoveOptions extends Options {
  readonly key?: string;
  readonly reason: string;
}

type Changing = Parameters<typeof signedByHome>[1];

const WHO =
  'Who may: whoever may enter the home of the engine, from there; everybody for keys of their own, with --sign-with.';

export function addIdentity(program: Command, run: Run, config: { readonly user: string }): void {
  const identity = program
    .command('identity')
    .description('whose keys speak for whom; with the first one, names alone count no more');
  declare(identity, {
    usage: 'add <person> <key>',
    does: 'let a public key (of ssh-keygen, or Ed25519 in PEM) speak for a person',
    examples: [
      'mvca identity add ana ~/.ssh/id_ed25519.pub',
      'mvca identity add bo new.pub --as bo --sign-with ~/.ssh/id_ed25519',
    ],
    notes: [WHO],
  })
    .option('--sign-with <file>', 'a key of this person that counts already')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, ...[person, key, options]: [string, string, Options]) => add(cli, { person, key, options })),
    );
  declare(identity, {
    usage: 'list',
    does: 'show whose keys count, and counted',
    examples: ['mvca identity list', 'mvca identity list --json'],
  }).action(run((cli: Cli, options: JsonOption) => list(cli, options)));
  const removal = declare(identity, {
    usage: 'remove <person>',
    does: 'let keys of a person count no more; what they signed before stays verifiable',
    examples: [
      'mvca identity remove ana --key SHA256:… --reason "laptop lost"',
      'mvca identity remove cy --reason "left"',
    ],
    notes: ['Without --key: each of them.', WHO],
  }).option('--key <fingerprint>', 'this one alone, as `mvca identity list` shows it');
  needsReason(removal, 'kept in the audit log')
    .option('--sign-with <file>', 'a key of this person that counts')
    .addOption(asOption(config))
    .action(run((cli: Cli, ...[person, options]: [string, RemoveOptions]) => remove(cli, person, options)));
}

async function add(
  cli: Cli,
  { person, key: file, options }: { readonly person: string; readonly key: string; readonly options: Options },
): Promise<number> {
  const key = await readKey(file);
  const { fingerprint } = key;
  const known = await change(cli, options, {
    change: { kind: 'add', person, by: options.as, key: keyLine(key) },
    fingerprint,
  });
  if (options.json) cli.print.json(known.find((identity) => identity.fingerprint === fingerprint) ?? null);
  else cli.print.result(line(part(`${fingerprint} speaks for ${person}`, 'good')));
  if (known.length === 1)
    cli.print.progress(line(part('from now on what makes a deployment go on must be signed by its person', 'dim')));
  return EXIT.succeeded;
}

async function remove(cli: Cli, person: string, options: RemoveOptions): Promise<number> {
  const { deployments } = await cli.engine({ start: true });
  const known = await deployments.inspect<readonly IdentityView[]>({ kind: 'identities' });
  const counting = known.filter((identity) => identity.person === person && identity.removedAt === null);
  const named = counting.filter(({ fingerprint }) => options.key === undefined || fingerprint === options.key);
  if (named.length === 0) {
    const has = counting.map(({ fingerprint }) => fingerprint).join(', ') || 'none that counts';
    throw new Halt(`${person} has no key ${options.key ?? ''}; there are: ${has}`);
  }
  const { as: by, reason } = options;
  for (const { fingerprint } of named)
    await change(cli, options, { change: { kind: 'remove', person, by, fingerprint, reason }, fingerprint });
  const removed = named.map(({ fingerprint }) => fingerprint);
  if (options.json) cli.print.json({ person, removed });
  else cli.print.result(`${removed.join(', ')} ${removed.length === 1 ? 'speaks' : 'speak'} no more for ${person}`);
  return EXIT.succeeded;
}

async function change(cli: Cli, { signWith }: Options, changing: Changing): Promise<readonly IdentityView[]> {
  const { connection, deployments } = await cli.engine({ start: true, key: signWith });
  const { signer } = connection;
  const signed =
    signWith === undefined || signer === undefined
      ? await signedByHome(cli.config.home, changing)
      : await signedByPerson(signer, changing);
  return deployments.changeIdentity(signed);
}

async function readKey(file: string): Promise<PublicKey> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new Halt(
      `${file} cannot be read: ${cause.message}; name the file of a public key, such as ~/.ssh/id_ed25519.pub`,
    );
  });
  try {
    return readPublicKey(text);
  } catch (error) {
    throw error instanceof Malformed ? new Halt(`${file} cannot be taken: ${error.message}`) : error;
  }
}

async function list(cli: Cli, { json }: JsonOption): Promise<number> {
  const { deployments } = await cli.engine({ start: false });
  const known = await deployments.inspect<readonly IdentityView[]>({ kind: 'identities' });
  if (json) cli.print.json(known);
  else if (known.length === 0) cli.print.progress(CLAIMS);
  for (const identity of json ? [] : known) cli.print.result(identityLine(identity));
  return EXIT.succeeded;
}

function identityLine({ person, fingerprint, addedAt, removedAt, removedReason, ...who }: IdentityView): Line {
  const words =
    removedAt === null
      ? `  since ${addedAt}, added by ${who.addedBy}`
      : `  until ${removedAt}, removed by ${who.removedBy ?? ''}: ${removedReason ?? ''}`;
  return line(part(person, removedAt === null ? 'strong' : 'dim'), `  ${fingerprint}`, part(words, 'dim'));
}
