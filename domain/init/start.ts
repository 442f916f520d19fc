/** How the application is started: by its start script where that can be taken over, without npm and a shell between. */
import { splitCommand } from '../command/split';
import { isGiven } from './code-signs';
import type { Package, PackageManager } from './facts';
import type { Framework } from './frameworks';

export interface Start {
  readonly command: string;
  readonly why: string;
  /** What the script set before its command (`NODE_ENV=production node …`). */
  readonly variables: Readonly<Record<string, string>>;
  /** The command needs what pruning would take away. */
  readonly needsDevDependencies: boolean;
  readonly notes: readonly string[];
}

interface StartFacts {
  readonly pkg: Package;
  readonly files: readonly string[];
  readonly framework: Framework | null;
  readonly manager: PackageManager | null;
}

const SCRIPTS = ['start:prod', 'start:production', 'start'];
const ENTRIES = ['server', 'src/server', 'index', 'src/index', 'app', 'src/app', 'main', 'src/main'];
const ENDINGS = ['.js', '.mjs', '.cjs'];

export function startOf(facts: StartFacts): Start {
  const script = SCRIPTS.find((name) => Object.hasOwn(facts.pkg.scripts, name));
  return (script !== undefined && byScript(facts, script)) || byFramework(facts) || byFile(facts) || unknown(facts);
}

const simple = (command: string, why: string): Start => ({
  command,
  why,
  variables: {},
  needsDevDependencies: false,
  notes: [],
});

/** A tool for development before nothing but a file. */
const NODEMON = /\bnodemon ([\w./-]+)$/;

function byScript(facts: StartFacts, name: string): Start {
  const { variables, rest } = withoutVariables((facts.pkg.scripts[name] ?? '').replace(NODEMON, 'node $1'));
  const split = splitCommand(rest);
  if (!split.ok) return byManager(facts, name, null);
  const [program = ''] = split.argv;
  const { framework } = facts;
  if (program === 'node' && split.names.every((known) => known === 'PORT'))
    return { ...simple(rest, `the script \`${name}\`, without npm between, so that signals reach it`), variables };
  if (framework?.start !== undefined && program === framework.program)
    return { ...simple(framework.start, `what the script \`${name}\` does, without npm between`), variables };
  return byManager(facts, name, program);
}

/** `NODE_ENV=production node x` and `cross-env NODE_ENV=production node x`. */
function withoutVariables(script: string): { variables: Record<string, string>; rest: string } {
  const variables: Record<string, string> = {};
  let rest = script.trim().replace(/^cross-env\s+/, '');
  for (let match = PREFIX.exec(rest); match; match = PREFIX.exec(rest)) {
    const [whole, name = '', value = ''] = match;
    variables[name] = value;
    rest = rest.slice(whole.length);
  }
  return { variables: Object.fromEntries(Object.entries(variables).filter(([name]) => !isGiven(name))), rest };
}
const PREFIX = /^([A-Za-z_]\w*)=([\w.:/-]*)\s+(?=\S)/;

function byManager({ pkg, manager }: StartFacts, script: string, program: string | null): Start {
  const command = script === 'start' ? `${runner(manager)} start` : `${runner(manager)} run ${script}`;
  const needsDevDependencies = pkg.devDependencies.some(
    (name) => name === program || (program === 'ts-node' && name === 'tsx'),
  );
  const kept = needsDevDependencies
    ? [`\`${program}\` is a development dependency and starts the application: they are kept`]
    : [];
  return {
    ...simple(command, `the script \`${script}\` of package.json`),
    needsDevDependencies,
    notes: [
      `${command} puts a package manager and a shell between us and the application; a command that starts with node is better (signals reach it at once)`,
      ...kept,
    ],
  };
}

/** bun's lock file says nothing of the program that runs scripts; npm is everywhere. */
const runner = (manager: PackageManager | null): string => (manager === null || manager === 'bun' ? 'npm' : manager);

function byFramework({ framework }: StartFacts): Start | null {
  return framework?.start === undefined ? null : simple(framework.start, `how ${framework.name} serves what was built`);
}

function byFile({ pkg, files }: StartFacts): Start | null {
  const main = pkg.main?.replace(/^\.\//, '');
  const candidates = ENTRIES.flatMap((entry) => ENDINGS.map((ending) => `${entry}${ending}`));
  const entry = main !== undefined && files.includes(main) ? main : candidates.find((file) => files.includes(file));
  if (entry !== undefined && isPlain(entry)) return simple(`node ${entry}`, 'the file that looks like the beginning');
  const typescript = ENTRIES.find((name) => files.includes(`${name}.ts`));
  if (typescript === undefined || pkg.scripts['build'] === undefined) return null;
  const built = `dist/${typescript.replace(/^src\//, '')}.js`;
  return {
    ...simple(`node ${built}`, 'where a build usually puts it'),
    notes: [`\`start: node ${built}\` is a guess: correct it if the build writes elsewhere`],
  };
}

const isPlain = (file: string): boolean => /^[\w./-]+$/.test(file) && !file.startsWith('-');

const unknown = ({ manager }: StartFacts): Start => ({
  ...simple(`${runner(manager)} start`, 'not found: write here what starts the application'),
  notes: [
    'nothing was found that starts the application: add a script `start` to package.json, or correct `platform.start`',
  ],
});
