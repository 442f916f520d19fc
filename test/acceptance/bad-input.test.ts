/** What a person may give that is wrong: an error that names it, the right exit code, nothing started. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { mvca, type Ran } from '../support/mvca';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

jest.setTimeout(180_000);
afterAll(removeScratch);

interface Environment {
  readonly start?: string;
  readonly listen?: string;
  readonly more?: string;
}

const environment = ({ start = 'node a.js', listen = '127.0.0.1:8080', more = '' }: Environment = {}): string =>
  `    platform: { kind: process, start: ${JSON.stringify(start)} }\n    traffic: { kind: router, listen: ${listen} }\n${more}`;
const specOf = (production: string, app = 'shop'): string =>
  `app: ${JSON.stringify(app)}\nenvironments:\n  production:\n${production}`;

/** In a folder and a home of its own, with an engine that cannot be reached: what gets that far exits 7. */
async function run(spec: string | null, args: readonly string[]): Promise<Ran & { readonly home: string }> {
  const cwd = scratch();
  const home = path.join(cwd, 'home');
  if (spec !== null) writeFiles(cwd, { 'deployment.yaml': spec });
  return { ...(await mvca(args, { cwd, env: { MVCA_HOME: home, TEMPORAL_ADDRESS: '127.0.0.1:1' } })), home };
}

const WRONG: readonly (readonly [what: string, spec: string | null, says: readonly string[]])[] = [
  ['no spec', null, ['there is no deployment.yaml', 'mvca init']],
  ['broken YAML', 'app: shop\nenvironments: [\n', ['deployment.yaml:3:1 expected']],
  ['an unknown key', `typ: 1\n${specOf(environment())}`, ['deployment.yaml:1:1 typ', 'one of the keys app']],
  ['an unknown environment', 'app: shop\nenvironments: { prod: {} }\n', ['prod', 'development, staging, production']],
  ['an empty start', specOf(environment({ start: '' })), ['platform.start']],
  ['no start', specOf('    platform: { kind: process }\n'), ['platform.start']],
  ['a shell operator', specOf(environment({ start: 'node a.js && rm -rf x' })), ['platform.start', '&&']],
  [
    'a wrong unit',
    specOf(environment({ more: '    watch: { for: 5 minutes }\n' })),
    ['watch.for', '5 minutes', 'such as'],
  ],
  ['a share over all', specOf(environment({ more: '    watch: { errors: 200% }\n' })), ['watch.errors', '200%']],
  ['a port that cannot be', specOf(environment({ listen: '80800' })), ['traffic.listen', '80800']],
  ['a name with a leading dash', specOf(environment(), '-rf shop'), ['app', '-rf shop', 'rf-shop']],
  ['a name with quotes', specOf(environment(), `sh'o"p`), ['app']],
  ['a name with a line break', specOf(environment(), 'shop\nshop'), ['app']],
  ['a name that climbs', specOf(environment(), '../shop'), ['app', '../shop']],
  [
    'a secret that climbs',
    specOf(environment({ more: '    secrets: { KEY: "secret://file/../../etc/passwd" }\n' })),
    ['secrets.KEY'],
  ],
  ['a variable with a blank', specOf(environment({ more: '    variables: { "A B": x }\n' })), ['A B']],
  [
    'two environments on one address',
    `app: shop\nenvironments:\n  staging:\n${environment()}  production:\n${environment()}`,
    ['traffic.listen', '127.0.0.1:8080', 'staging listens there too'],
  ],
];

test.each(WRONG)('A spec with %s is refused with its place, and nothing is started', async (_, spec, says) => {
  const { code, out, err, home } = await run(spec, ['deploy']);
  for (const words of says) expect(err).toContain(words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(existsSync(home)).toBe(false);
});

test.each([
  ['an environment that is none', ['deploy', '--to', 'prod'], 'Environments are development, staging, production'],
  ['an application that climbs', ['status', '../x'], 'cannot be an application'],
  ['an application that begins with a dash', ['approve', '--', '-x'], 'cannot be an application'],
])('A command with %s says so', async (_, args, says) => {
  const { code, err } = await run(specOf(environment()), args);
  expect(err).toContain(says);
  expect(code).toBe(2);
});

const NAMELESS = "cannot be a person's name";
test.each([
  ['a version that climbs', ['deploy', '--version', '../x'], 'the version "../x" cannot be used'],
  ['a version with a line break', ['deploy', '--version', 'a\nb'], 'the version "a\\nb" cannot be used'],
  ['no version', ['plan', '--version', ''], 'the version "" cannot be used'],
  ['a name that steers the terminal', ['deploy', '--as', 'a\u001b[2Jna'], NAMELESS],
  ['a name with a line break', ['approve', 'shop', '--as', 'ana\nbo'], NAMELESS],
  ['a name with a blank at its end', ['reject', 'shop', '--reason', 'x', '--as', 'ana '], NAMELESS],
  ['a name with a dash before it', ['abort', 'shop', '--reason', 'x', '--as', '-rf'], NAMELESS],
  ['no name', ['rollback', 'shop', '--as', ''], NAMELESS],
])('A command with %s is refused before the engine is asked', async (_, args, says) => {
  const { code, out, err } = await run(specOf(environment()), args);
  expect(err).toContain(says);
  expect(err).not.toContain('\u001b');
  expect({ code, out }).toEqual({ code: 2, out: '' });
});

test('A name that comes from the environment is refused in the same way', async () => {
  const cwd = scratch();
  const env = { MVCA_HOME: path.join(cwd, 'home'), MVCA_USER: ' ana', TEMPORAL_ADDRESS: '127.0.0.1:1' };
  expect(await mvca(['approve', 'shop'], { cwd, env })).toMatchObject({
    code: 2,
    err: expect.stringContaining(NAMELESS),
  });
});

test.each([[['secrets', 'set', 'shop', 'production', 'KEY=hush-hush']], [['secrets', 'set', '--value=hush-hush']]])(
  'A secret given as an argument is refused without being repeated',
  async (args) => {
    const { code, out, err } = await run(null, args);
    expect(code).toBe(2);
    expect(out + err).not.toContain('hush-hush');
  },
);

test('An engine that cannot be reached is named by its address, with exit code 7', async () => {
  const { code, err } = await run(specOf(environment()), ['deploy', '--as', 'ana']);
  expect(err).toContain('the engine at 127.0.0.1:1 cannot be reached');
  expect(code).toBe(7);
});
