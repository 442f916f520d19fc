/** `secret://env/NAME`: a variable of the worker's environment, read when the worker starts. */
import { fingerprint } from '../../system/sealed';
import type { Home } from '../../system/home';
import type { SecretProvider } from './port';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** The engine's own: not for applications. */
const OWN = /^(MVCA|TEMPORAL)_/;

/** Versions are keyed fingerprints: equal values have equal ones on this machine. An empty variable counts as not set. */
export function envSecrets(home: Home, environment: NodeJS.ProcessEnv): SecretProvider {
  return {
    forms: ['secret://env/NAME'],
    parse: ([name, ...more]) => {
      if (name === undefined || more.length > 0 || !NAME.test(name) || OWN.test(name)) return null;
      return {
        name,
        remedy: `set it where the worker starts: ${name}=… mvca down && ${name}=… mvca up`,
        resolve: async () => {
          const value = environment[name];
          return value === undefined || value === '' ? null : { value, version: await fingerprint(home, value) };
        },
        list: async () => Object.keys(environment).filter((key) => NAME.test(key) && !OWN.test(key)),
      };
    },
  };
}
