import { mapOf, orEmpty, scalar, section } from './kinds';
import type { DatabaseSpec } from './spec';
import { lineText, partName, webUrl } from './values';
import { wording } from './wording';

const NAME = /^\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})$/;

const url = scalar({
  expected:
    'the name of a variable or secret that holds the URL, such as $DATABASE_URL, or a postgres:// URL without a password in it',
  read: (text) => (NAME.test(text) || isUrlWithoutPassword(text) ? text : null),
});

function isUrlWithoutPassword(text: string): boolean {
  const [, password] = /^postgres(?:ql)?:\/\/(?:[^:@/\s]*(?::([^@/\s]*))?@)?[^@\s]+$/.exec(text) ?? [];
  return (
    /^postgres(ql)?:\/\/\S+$/.test(text) &&
    (password === undefined || NAME.test(password)) &&
    !/\/\/[^/]*@[^/]*@/.test(text)
  );
}

const password = scalar({
  expected: 'the name of a secret that holds the password, such as $DB_PASSWORD',
  read: (text) => (NAME.test(text) ? text : null),
});

const PARTS = ['host', 'port', 'user', 'password', 'database'] as const;

const database = orEmpty(
  section(
    {
      url: url
        .optional()
        .meta({ description: 'The whole URL, by the name that holds it.', examples: ['$DATABASE_URL'] }),
      host: lineText('a host name, or $NAME')
        .optional()
        .meta({ description: 'In place of `url`.', examples: ['$DB_HOST'] }),
      port: lineText('a port, or $NAME')
        .optional()
        .meta({ description: '5432 where `host` is given.', examples: ['$DB_PORT'] }),
      user: lineText('a user name, or $NAME')
        .optional()
        .meta({ description: 'In place of `url`.', examples: ['$DB_USER'] }),
      password: password
        .optional()
        .meta({ description: 'In place of `url`; a name only.', examples: ['$DB_PASSWORD'] }),
      database: lineText('the name of a database, or $NAME')
        .optional()
        .meta({ description: 'In place of `url`.', examples: ['shop'] }),
    },
    {
      migrations: 'migrations are not there yet: the application migrates its database itself until they are',
      format: 'migrations are not there yet: the application migrates its database itself until they are',
    },
  ).transform((given, context): DatabaseSpec => {
    const { url: whole, port = '5432', host, user, password: secret, database: name } = given;
    if (whole !== undefined && PARTS.every((part) => given[part] === undefined)) return { kind: 'url', url: whole };
    const parts = { host, port, user, password: secret, database: name };
    if (whole === undefined && isComplete(parts)) return { kind: 'parts', ...parts };
    const missing = PARTS.filter((part) => parts[part] === undefined);
    const expected =
      whole !== undefined
        ? 'either url, or the parts host, port, user, password, database'
        : `url, or all of host, user, password, database (missing: ${missing.join(', ')})`;
    context.issues.push({ code: 'custom', message: wording(expected), input: given });
    return { kind: 'url', url: '' };
  }),
);

const isComplete = <T extends Record<string, string | undefined>>(parts: T): parts is T & Record<keyof T, string> =>
  Object.values(parts).every((part) => part !== undefined);

export const databases = mapOf(partName, database, 'a mapping of names to databases').meta({
  description: 'Databases that must be reachable before anything is changed.',
  examples: ['{ main: { url: $DATABASE_URL } }'],
});

export const services = mapOf(partName, webUrl, 'a mapping of names to URLs').meta({
  description: 'Services of others that must answer (any status below 500) before anything is changed.',
  examples: ['{ payments: https://payments.example.com/health }'],
});
