/** What no section can know alone: names that must be known, names that clash, ports that two environments want. */
import { splitCommand } from '../command/split';
import { nearestWord } from '../nearest';
import { overlaps } from '../policy/addresses';
import { TIERS } from '../words';
import type { Finding } from './problems';
import type { Path } from './document';
import type { EnvironmentSpec } from './spec';

/** An environment as it was parsed, and as it is written. */
export interface ParsedEnvironment {
  readonly parsed: EnvironmentSpec;
  readonly raw: unknown;
}

export interface Consistency {
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
}

export function checkConsistency(environments: readonly ParsedEnvironment[], order: readonly string[]): Consistency {
  const specs = environments.map(({ parsed }) => parsed);
  return {
    problems: [
      ...wrongOrder(order),
      ...environments.flatMap(namesOf),
      ...sharedListen(specs),
      ...ownPort(specs),
      ...wholeBatch(specs),
    ],
    warnings: [...sharedFixedPort(specs), ...nobodyAsked(specs), ...specs.flatMap(literalNames)],
  };
}

const finding = (path: Path, expected: string, nearest: string | null = null): Finding => ({
  path,
  wording: { expected, known: [], nearest, refused: {} },
});

function wrongOrder(order: readonly string[]): Finding[] {
  const tiers = order.filter((name) => (TIERS as readonly string[]).includes(name));
  const sorted = TIERS.filter((tier) => tiers.includes(tier));
  const wrong = tiers.find((name, index) => name !== sorted[index]);
  return wrong === undefined
    ? []
    : [{ ...finding(['environments'], `the order of promotion: ${sorted.join(', ')}`), key: wrong }];
}

function namesOf({ parsed, raw }: ParsedEnvironment): Finding[] {
  return [...givenNames(parsed), ...clashes(parsed), ...databaseNames(parsed), ...commandNames(parsed, raw)];
}

/** What every instance is told by us cannot be told otherwise. */
function givenNames({ name, platform, variables, secrets }: EnvironmentSpec): Finding[] {
  const port = 'variable' in platform.port ? platform.port.variable : null;
  const isGiven = (variable: string): boolean =>
    variable === port || variable === 'APP_VERSION' || variable === 'BASE_URL' || variable.startsWith('MVCA_');
  return (['variables', 'secrets'] as const).flatMap((section) =>
    Object.keys(section === 'variables' ? variables : secrets)
      .filter(isGiven)
      .map((key) => ({
        ...finding(['environments', name, section], 'another name: this one is set for each instance'),
        key,
      })),
  );
}

const clashes = ({ name, variables, secrets }: EnvironmentSpec): Finding[] =>
  Object.keys(secrets)
    .filter((key) => Object.hasOwn(variables, key))
    .map((key) => ({ ...finding(['environments', name, 'secrets'], 'another name: `variables` has it too'), key }));

function databaseNames(environment: EnvironmentSpec): Finding[] {
  const { name, databases, variables, secrets, requires } = environment;
  const known = [...Object.keys(variables), ...Object.keys(secrets), ...requires.map((required) => required.name)];
  return Object.entries(databases).flatMap(([database, { kind: _kind, ...parts }]) =>
    Object.entries(parts).flatMap(([part, text]) =>
      unknownNames(namesIn(text), known).map((unknown) => {
        const expected = `a name of \`variables\`, \`secrets\` or \`requires\`, not $${unknown}`;
        return finding(['environments', name, 'databases', database, part], expected, nearestName(unknown, known));
      }),
    ),
  );
}

const namesIn = (text: string): string[] =>
  [...text.matchAll(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g)].map(([, plain, braced]) => plain ?? braced ?? '');

const unknownNames = (names: readonly string[], known: readonly string[]): string[] =>
  [...new Set(names)].filter((name) => !known.includes(name));

function nearestName(name: string, known: readonly string[]): string | null {
  const nearest = nearestWord(name, known);
  return nearest && `$${nearest}`;
}

/** Arguments can be read by everybody on the machine: names of secrets are refused there, and so are names that nobody fills. */
function commandNames(environment: EnvironmentSpec, raw: unknown): Finding[] {
  return commandsIn(raw, ['environments', environment.name]).flatMap(({ path, text }) => {
    const split = splitCommand(text);
    const known = [...namesFor(path), ...Object.keys(environment.variables)];
    return unknownNames(split.ok ? split.names : [], known).map((name) =>
      Object.hasOwn(environment.secrets, name)
        ? finding(
            path,
            `no secret among the arguments ($${name}): ${SECRETS_OF[path.includes('start') ? 'start' : 'check']}`,
          )
        : finding(
            path,
            `${known.map((word) => `$${word}`).join(', ')}; nothing is known of $${name}`,
            nearestName(name, known),
          ),
    );
  });
}

const SECRETS_OF = {
  start: 'the application finds it in its environment',
  check: 'commands against a release get no secrets, so let them ask the release at $BASE_URL',
};

/** What we put into the arguments of an instance, and into those of commands that run once a release is up. */
const namesFor = (path: Path): string[] =>
  path.includes('start') ? ['PORT', 'INSTANCE', 'RELEASE', 'VERSION'] : ['BASE_URL', 'RELEASE', 'VERSION'];

const COMMAND_KEYS = ['start', 'run', 'integration'];

/** Every command of an environment as it is written. */
function commandsIn(raw: unknown, path: Path, inCommand = false): { path: Path; text: string }[] {
  if (typeof raw === 'string') return inCommand ? [{ path, text: raw }] : [];
  if (Array.isArray(raw)) return raw.flatMap((item, index) => commandsIn(item, [...path, index], inCommand));
  if (typeof raw !== 'object' || raw === null) return [];
  return Object.entries(raw)
    .filter(([key]) => !['variables', 'secrets', 'services', 'databases', 'header', 'send'].includes(key))
    .flatMap(([key, value]) => commandsIn(value, [...path, key], COMMAND_KEYS.includes(key)));
}

/** Where the router of an environment listens: for users, and for monitoring systems. */
const addressesOf = ({ name, traffic: { listen, metrics } }: EnvironmentSpec) => [
  { name, key: 'listen', ...listen },
  ...(metrics ? [{ name, key: 'metrics', ...metrics }] : []),
];

function sharedListen(specs: readonly EnvironmentSpec[]): Finding[] {
  const addresses = specs.flatMap(addressesOf);
  return addresses.flatMap(({ name, key, host, port }, index) => {
    const other = addresses.slice(0, index).find((each) => overlaps(each, { host, port }));
    const path = ['environments', name, 'traffic', key];
    return other === undefined ? [] : [finding(path, `an address of its own: ${other.name} listens there too`)];
  });
}

function ownPort(specs: readonly EnvironmentSpec[]): Finding[] {
  const taken = new Set(specs.flatMap(addressesOf).map(({ port }) => port));
  return specs
    .filter(({ platform }) => 'fixed' in platform.port && taken.has(platform.port.fixed))
    .map(({ name }) =>
      finding(
        ['environments', name, 'traffic', 'listen'],
        "another port than the application's own: both would listen on it",
      ),
    );
}

/** With one instance the plan says what would work. */
const wholeBatch = (specs: readonly EnvironmentSpec[]): Finding[] =>
  specs
    .filter(
      ({ strategy, platform: { instances } }) =>
        strategy.kind === 'rolling' && instances > 1 && strategy.batch >= instances,
    )
    .map(({ name, platform: { instances } }) =>
      finding(
        ['environments', name, 'strategy', 'batch'],
        `fewer than the ${instances} instances: some must go on serving`,
      ),
    );

function sharedFixedPort(specs: readonly EnvironmentSpec[]): Finding[] {
  return specs.flatMap(({ name, platform: { port } }, index) => {
    const other = specs
      .slice(0, index)
      .find(({ platform }) => 'fixed' in port && 'fixed' in platform.port && platform.port.fixed === port.fixed);
    if (other === undefined) return [];
    return [
      finding(
        ['environments', name, 'platform', 'port'],
        `another machine than that of ${other.name}, which has the same port`,
      ),
    ];
  });
}

/** What stands in `variables` is text; whoever writes a name of ours there mostly expects its value. */
function literalNames({ name, variables }: EnvironmentSpec): Finding[] {
  const told = { PORT: 'PORT', INSTANCE: 'MVCA_INSTANCE', RELEASE: 'MVCA_RELEASE', VERSION: 'APP_VERSION' } as const;
  return Object.entries(variables).flatMap(([variable, value]) => {
    const [written, word] = /\$\{?(PORT|INSTANCE|RELEASE|VERSION)\b\}?/.exec(value) ?? [];
    if (word === undefined) return [];
    const where = told[word as keyof typeof told];
    const expected = `no ${written}, since a variable is text exactly as written; the application finds that in ${where}, and arguments of \`start\` may name $${word}`;
    return [finding(['environments', name, 'variables', variable], expected)];
  });
}

const nobodyAsked = (specs: readonly EnvironmentSpec[]): Finding[] =>
  specs
    .filter(({ name, approval }) => name === 'production' && approval === null)
    .map(({ name }) =>
      finding(['environments', name, 'approval'], 'somebody to approve: nobody is asked before production is changed'),
    );
