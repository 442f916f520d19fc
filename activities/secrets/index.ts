/** Values of secrets by their references, for use inside other activities. */
import { nearestWord } from '../../domain/nearest';
import { parseSecretReference } from '../../domain/secrets/reference';
import type { Home } from '../../system/home';
import { fail, wordsOf } from '../failure';
import { envSecrets } from './env';
import { fileSecrets } from './file';
import type { ResolvedSecret, SecretPlace, SecretProvider } from './port';

export type { ResolvedSecret } from './port';

export interface SecretsDeps {
  readonly home: Home;
  /** What `secret://env/NAME` reads. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface SecretResolver {
  /**
   * The value and its version. Milliseconds; repeatable.
   * @throws `SecretMissing` (final) that says what to do next, and never a value.
   */
  resolve(reference: string): Promise<ResolvedSecret>;
  /** The version, or null when it cannot be resolved now. Never throws. */
  version(reference: string): Promise<string | null>;
}

export function createSecretResolver({ home, environment }: SecretsDeps): SecretResolver {
  const providers: Readonly<Record<string, SecretProvider>> = {
    env: envSecrets(home, environment),
    file: fileSecrets(home),
  };
  const resolve = async (reference: string): Promise<ResolvedSecret> => {
    const place = find(reference, providers);
    const secret = await read(reference, () => place.resolve());
    if (secret === null) throw fail('SecretMissing', await missing(reference, place));
    return secret;
  };
  return {
    resolve,
    version: (reference) =>
      resolve(reference).then(
        ({ version }) => version,
        () => null,
      ),
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

async function read<T>(reference: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
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
