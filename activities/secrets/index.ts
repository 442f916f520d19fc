/** Values of secrets by their references, for use inside other activities. */
import { ApplicationFailure } from '@temporalio/common';
import { quotable } from '../../domain/command/quotable';
import {
  destinationOf,
  maySee,
  maySend,
  userWords,
  type SecretOwner,
  type SecretUser,
} from '../../domain/secrets/access';
import { nearestWord } from '../../domain/nearest';
import { parseSecretReference } from '../../domain/secrets/reference';
import { secretValueProblem } from '../../domain/secrets/value';
import type { Home } from '../../system/home';
import { noted, type SecretDeed } from '../../system/secret-journal';
import { changeRules, rulesOf, type SecretRules } from '../../system/secret-rules';
import { fail, wordsOf } from '../failure';
import type { ResolvedSecret, SecretAccess, SecretDestination } from '../secret-access';
import { envSecrets, type WorkerEnvironment } from './env';
import { fileSecrets } from './file';
import type { SecretPlace, SecretProvider } from './port';

export type { WorkerEnvironment } from './env';

export interface SecretsDeps {
  readonly home: Home;
  /** What `secret://env/NAME` reads, and for whom. */
  readonly environment: WorkerEnvironment;
}

export function createSecretResolver({ home, environment }: SecretsDeps): SecretAccess {
  const providers: Readonly<Record<string, SecretProvider>> = {
    env: envSecrets(home, environment),
    file: fileSecrets(home),
  };
  const resolve: SecretAccess['resolve'] = async (reference, user) => {
    const place = find(reference, providers);
    await refuseOthers(home, { reference, place, user });
    const secret = await read(reference, () => place.resolve());
    if (secret === null) throw fail('SecretMissing', await missing(reference, place));
    const problem = secretValueProblem(secret.value);
    if (problem !== null) throw fail('SecretMissing', `${reference}: ${problem}; ${place.remedy}`);
    return secret;
  };
  return {
    resolve,
    version: (reference, user) =>
      resolve(reference, user).then(
        ({ version }) => version,
        () => null,
      ),
    resolveFor: async (reference, user, to) => {
      const secret = await resolve(reference, user);
      const sent = { reference, place: find(reference, providers), secret, to };
      if (!(await isMeant(home, sent))) await remember(home, { ...sent, user });
      return secret;
    },
    isMeantFor: async (reference, user, to) => {
      const secret = await resolve(reference, user);
      return isMeant(home, { reference, place: find(reference, providers), secret, to });
    },
  };
}

function find(reference: string, providers: Readonly<Record<string, SecretProvider>>): SecretPlace {
  const parsed = parseSecretReference(reference);
  const forms = Object.values(providers).flatMap((provider) => provider.forms);
  // What does not look like a reference may be a value that was put in its place: it is not repeated.
  if (parsed === null) throw fail('SecretMissing', `a secret's reference does not have the form ${forms.join(' or ')}`);
  const provider = Object.hasOwn(providers, parsed.provider) ? providers[parsed.provider] : undefined;
  if (provider === undefined) {
    const known = Object.keys(providers).join(', ');
    throw fail('SecretMissing', `${reference}: there is no provider \`${parsed.provider}\`; there are ${known}`);
  }
  const place = provider.parse(parsed.path);
  if (place === null) throw fail('SecretMissing', `${reference} does not have the form ${provider.forms.join(' or ')}`);
  return place;
}

interface Asked {
  readonly reference: string;
  readonly place: SecretPlace;
  readonly user: SecretUser;
}

async function refuseOthers(home: Home, { reference, place, user }: Asked): Promise<void> {
  if (place.owner === null) {
    const refusal = place.refusal(user);
    if (refusal !== null) throw fail('SecretRefused', `${reference} ${refusal}`);
    return;
  }
  const { sharedWith } = await read(reference, () => rulesOf(home, reference));
  if (maySee(place.owner, user, sharedWith)) return;
  throw fail(
    'SecretRefused',
    `${reference} belongs to ${ownerWords(place.owner)}, and ${userWords(user)} may not use it. Whoever owns it can share it: ${place.share(user)}`,
  );
}

const ownerWords = ({ app, environment }: SecretOwner): string =>
  environment === null ? app : `${app} in ${environment}`;

interface Sent {
  readonly reference: string;
  readonly place: SecretPlace;
  readonly secret: ResolvedSecret;
  readonly to: SecretDestination;
}

/** false: nobody said where it may go. @throws `SecretRefused` where it is meant for another destination. */
async function isMeant(home: Home, sent: Sent): Promise<boolean> {
  const { destinations } = await read(sent.reference, () => rulesOf(home, sent.reference));
  return judge(sent, destinations);
}

/** @throws the same where another destination was the first one in between. */
async function remember(home: Home, sent: Sent & { readonly user: SecretUser }): Promise<void> {
  const { reference, user } = sent;
  const first = sent.to === null ? [] : [sent.to];
  const bind = (now: SecretRules): SecretRules => (now.destinations.length > 0 ? now : { ...now, destinations: first });
  const act = async (): Promise<void> => {
    judge(sent, (await changeRules(home, reference, bind)).destinations);
  };
  await read(reference, () => (sent.to === null ? act() : noted(home, firstUse(reference, user, sent.to), { act })));
}

const firstUse = (reference: string, user: SecretUser, destination: string): SecretDeed => ({
  app: user.app,
  actor: 'mvca',
  action: 'secret.first-use',
  environment: user.environment,
  summary: `${reference} was sent to ${destination} for ${userWords(user)}, its first destination: it goes only there from now on`,
  facts: { reference, destination },
});

function judge({ reference, place, secret: { value }, to }: Sent, bound: readonly string[]): boolean {
  const destination = to ?? destinationOf(value);
  if (destination === null) return true; // no address at all: whoever was to send it says so
  const may = maySend({ to: destination, bound, value, isAddress: to === null });
  if (may.kind !== 'refused') return may.kind === 'allowed';
  throw fail(
    'SecretRefused',
    `${reference} is meant for ${may.only.join(' and ')}, and was to be sent to ${destination}. If that is right: ${place.allow(quotable('destination', destination) ?? 'DESTINATION')}`,
  );
}

async function read<T>(reference: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    throw fail('SecretMissing', `${reference} cannot be read: ${wordsOf(error)}`);
  }
}

async function missing(reference: string, place: SecretPlace): Promise<string> {
  const near = nearestWord(
    place.name,
    (await place.list()).filter((name) => name !== place.name),
  );
  const meant = near === null ? '' : ` (there is ${near})`;
  return `${reference} has no value${meant}; ${place.remedy}`;
}
