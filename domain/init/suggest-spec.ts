/** Suggests a first `deployment.yaml`, with the reason for every line. */
import { codeSigns } from './code-signs';
import type { CodeSigns } from './code-signs';
import { packageManager, readPackage } from './facts';
import type { Package, PackageManager, ProjectFacts } from './facts';
import { frameworkOf, staticBuilderOf } from './frameworks';
import { startOf } from './start';
import type { Start } from './start';
import { list, scalar } from './yaml-lines';
import { environmentLines } from './environment-lines';
import { line } from './yaml-lines';
import { trimEnd } from '../trim-end';

export interface SpecSuggestion {
  /** The content of `deployment.yaml`; `parseSpec` accepts it. */
  readonly text: string;
  /** What was recognised, such as `Express` or `Node.js without a framework`. */
  readonly framework: string;
  /** What a person should look at. */
  readonly notes: readonly string[];
}

/** Pure and total: whatever the facts are, there is a text that `parseSpec` accepts. */
export function suggestSpec(facts: ProjectFacts): SpecSuggestion {
  const read = readPackage(facts.packageJson);
  const pkg = read ?? readPackage(null);
  if (pkg === null) throw new Error('an absent package.json is always read');
  const framework = frameworkOf(pkg);
  const manager = packageManager(facts.files);
  const start = startOf({ pkg, files: facts.files, framework, manager });
  const signs = codeSigns(facts.contents, pkg);
  const app = appName(pkg.name, facts.folder);
  return {
    text:
      [
        ...head(app),
        ...buildLines(facts, pkg, start),
        ...testLines(pkg, manager),
        ...environmentLines({ app, facts, pkg, start, signs }),
      ].join('\n') + '\n',
    framework: framework?.name ?? withoutFramework(facts, pkg),
    notes: [
      ...(read === null ? ['package.json is not JSON: nothing could be read from it'] : []),
      ...notes({ app, facts, pkg, manager, signs }),
      ...start.notes,
    ],
  };
}

function withoutFramework(facts: ProjectFacts, pkg: Package): string {
  const builder = staticBuilderOf(pkg);
  if (builder !== null) return `a site built by ${builder}`;
  return facts.packageJson === null && !facts.files.some((file) => /\.[cm]?[jt]s$/.test(file))
    ? 'unknown'
    : 'Node.js without a framework';
}

/** The package's name without its scope, in the form that an application's name has. */
function appName(name: string | null, folder: string): string {
  const plain = (text: string): string =>
    trimEnd(
      text
        .replace(/^@[^/]*\//, '')
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+/, '')
        .slice(0, 40),
      '-',
    );
  return plain(name ?? '') || plain(folder) || 'app';
}

const head = (app: string): string[] => [
  '# yaml-language-server: $schema=./node_modules/mvca/docs/spec.schema.json',
  `# How ${app} gets from source to production. Every key is explained in node_modules/mvca/docs/spec.md.`,
  '',
  `app: ${scalar(app)}`,
  '',
];

function buildLines(facts: ProjectFacts, { scripts }: Package, { needsDevDependencies }: Start): string[] {
  const manager = packageManager(facts.files) ?? 'npm';
  const lines = [
    ...(facts.packageJson === null ? [line(1, 'install: []', 'nothing to install: there is no package.json')] : []),
    ...(scripts['build'] === undefined
      ? []
      : [line(1, `command: ${run(manager, 'build')}`, 'the script `build` of package.json')]),
    ...(needsDevDependencies
      ? [
          line(
            1,
            'artifact: { kind: tar, prune: false }',
            'development dependencies are kept, because the start needs them',
          ),
        ]
      : []),
  ];
  return lines.length === 0 ? [] : ['build: # dependencies are installed by what the lock file asks for', ...lines, ''];
}

function run(manager: PackageManager, script: string): string {
  const program = manager === 'bun' ? 'npm' : manager;
  return script === 'test' ? `${program} test` : `${program} run ${script}`;
}

const NO_TESTS = /no test specified/;

function testLines({ scripts }: Package, found: PackageManager | null): string[] {
  const manager = found ?? 'npm';
  const unit = scripts['test:unit'] === undefined ? 'test' : 'test:unit';
  const script = scripts[unit];
  const integration = scripts['test:integration'];
  const needsBuild = scripts['build'] !== undefined && /\b(dist|build|lib)\//.test(script ?? '');
  const command = run(manager, unit);
  const lines = [
    ...(script === undefined || NO_TESTS.test(script)
      ? []
      : [
          line(
            1,
            `unit: ${needsBuild ? list([run(manager, 'build'), command]) : command}`,
            'must pass before anything is changed',
          ),
        ]),
    ...(integration === undefined
      ? []
      : [line(1, `integration: ${run(manager, 'test:integration')}`, 'the same, after the unit tests')]),
  ];
  return lines.length === 0 ? [] : ['tests:', ...lines, ''];
}

interface Noted {
  readonly app: string;
  readonly facts: ProjectFacts;
  readonly pkg: Package;
  readonly manager: PackageManager | null;
  readonly signs: CodeSigns;
}

/** Each with its condition. */
function notes({ app, facts, pkg, manager, signs }: Noted): string[] {
  const tested = Object.keys(pkg.scripts).some((name) => /^test/.test(name) && !NO_TESTS.test(pkg.scripts[name] ?? ''));
  const builder = frameworkOf(pkg) === null && pkg.scripts['start'] === undefined ? staticBuilderOf(pkg) : null;
  const all: [boolean, string][] = [
    [
      facts.packageJson !== null && manager === null,
      'there is no lock file, so a build cannot be repeated: run npm install once and commit package-lock.json',
    ],
    [manager === 'bun', "bun's lock file is not read: the build installs by npm"],
    [pkg.workspaces, 'this is a repository of several packages: `platform.directory` says where the application runs'],
    [
      facts.files.includes('Dockerfile'),
      'the Dockerfile is not used: releases run as processes, images are not there yet',
    ],
    [
      builder !== null,
      `${builder} builds a site without a server; serving folders is not there yet: add a small server and a script \`start\``,
    ],
    [!tested, 'there are no tests: nothing but smoke checks and the watch would notice a mistake'],
    [
      signs.port.kind === 'unknown',
      'the application must listen on the port in the variable PORT; no source was found that says so',
    ],
    [
      signs.port.kind === 'fixed',
      'the port is fixed in the code, so two releases cannot run side by side: take it from process.env.PORT, and add staging',
    ],
    [
      signs.health === null,
      'no health check was found: `/` is asked for; a page such as /healthz that looks at what the application needs is better',
    ],
    [
      facts.approvers?.kind === 'alone',
      `production waits for your own yes: npx mvca approve ${app} in another terminal, or npx mvca deploy --approve`,
    ],
    [
      signs.variables.secrets.length > 0,
      `set the secrets before the first deployment: mvca secrets set ${app} production ${signs.variables.secrets[0]}`,
    ],
  ];
  return all.filter(([applies]) => applies).map(([, note]) => note);
}
