/** `secret://env/NAME`: a variable of the worker's environment, read when the worker starts, for those that it lists. */
import { grantText, userWords } from '../../domain/secrets/access';
import { ENV_GRANTS, isListed, type EnvGrant } from '../../domain/secrets/env-grants';
import { fingerprint } from '../../system/sealed';
import type { Home } from '../../system/home';
import type { SecretProvider } from './port';

/** What a worker was started with. */
export interface WorkerEnvironment {
  readonly variables: NodeJS.ProcessEnv;
  /** Who may read which of them; nobody, where nothing is listed. */
  readonly grants: readonly EnvGrant[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** The engine's own: not for applications. */
const OWN = /^(MVCA|TEMPORAL)_/;

/** Versions are keyed fingerprints: equal values have equal ones on this machine. An empty variable counts as not set. */
export function envSecrets(home: Home, { variables, grants }: WorkerEnvironment): SecretProvider {
  return {
    forms: ['secret://env/NAME'],
    parse: ([name, ...more]) => {
      if (name === undefined || more.length > 0 || !NAME.test(name) || OWN.test(name)) return null;
      return {
        name,
        owner: null,
        refusal: (user) =>
          isListed(grants, name, user)
            ? null
            : `is not listed for ${userWords(user)}. Whoever starts the worker lists it: ${ENV_GRANTS}='${grantText(user)}:${name}' (added to what stands there, parted by ;), then mvca down && mvca up`,
        remedy: `set it where the worker starts: ${name}=… mvca down && ${name}=… mvca up`,
        allow: (destination) => `mvca secrets allow env ${name} --for ${destination}`,
        resolve: async () => {
          const value = variables[name];
          return value === undefined || value === '' ? null : { value, version: await fingerprint(home, value) };
        },
        // Of others nobody learns the names.
        list: () => Promise.resolve([]),
      };
    },
  };
}
