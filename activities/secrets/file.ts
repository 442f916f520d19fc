/** `secret://file/APP/ENVIRONMENT/NAME` and `secret://file/APP/NAME`: the encrypted store of this machine, managed by `mvca secrets`. */
import { grantText } from '../../domain/secrets/access';
import { fingerprint } from '../../system/sealed';
import type { Home } from '../../system/home';
import { ALL_ENVIRONMENTS, getSecret, listSecrets } from '../../system/secret-store';
import type { SecretProvider } from './port';

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Versions are `<times set>-<fingerprint>`: a secret that was removed and set again to another value has another one. */
export function fileSecrets(home: Home): SecretProvider {
  return {
    forms: ['secret://file/APP/ENVIRONMENT/NAME', 'secret://file/APP/NAME'],
    parse: (path) => {
      const place = placeOf(path);
      if (place === null) return null;
      const { app, environment, name } = place;
      const isWhole = environment === ALL_ENVIRONMENTS;
      const words = (isWhole ? [app, name] : [app, environment, name]).join(' ');
      return {
        name,
        owner: { app, environment: isWhole ? null : environment },
        share: (user) => `mvca secrets share ${words} --with ${grantText(user)}`,
        remedy: `mvca secrets set ${words}`,
        allow: (destination) => `mvca secrets allow ${words} --for ${destination}`,
        resolve: async () => {
          const stored = await getSecret(home, { app, environment, name });
          if (stored === null) return null;
          return { value: stored.value, version: `${stored.version}-${await fingerprint(home, stored.value)}` };
        },
        list: async () => (await listSecrets(home, app, environment)).map((secret) => secret.name),
      };
    },
  };
}

function placeOf(path: readonly string[]): { app: string; environment: string; name: string } | null {
  if (!path.every((segment) => SEGMENT.test(segment))) return null;
  const [app, second, third] = path;
  if (app === undefined || second === undefined || path.length > 3) return null;
  return third === undefined
    ? { app, environment: ALL_ENVIRONMENTS, name: second }
    : { app, environment: second, name: third };
}
