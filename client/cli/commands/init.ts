import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { likelyApprovers, readApprovers, type Approvers } from '../../../domain/init/approvers';
import { suggestSpec, type SpecSuggestion } from '../../../domain/init/suggest-spec';
import { gitIn, type Git } from '../../../system/git';
import { routerPorts } from '../../host-files';
import { initialisedPorts, rememberInitialised } from '../../initialised';
import { readPeople } from '../../people';
import { readProject } from '../../project-facts';
import { SPEC_FILE } from '../../spec-file';
import { ask } from '../ask';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';

interface Options extends JsonOption {
  readonly force?: boolean;
  readonly approvers?: string;
}

export function addInit(program: Command, run: Run): void {
  declare(program, {
    usage: 'init',
    does: `look at the application in this folder and write a first ${SPEC_FILE}`,
    examples: ['mvca init', 'mvca init --approvers ana,bo'],
    notes: [
      'A spec that is there already is kept, unless --force says otherwise.',
      'On a terminal it asks who approves production. Elsewhere it looks whether anybody else is there (accounts of the machine, authors',
      'of the repository): alone, your own yes counts; else somebody else than who asks for the deployment has to say it.',
    ],
  })
    .option('--force', 'write over a spec that is there')
    .option('--approvers <who>', 'who approves production: names with commas, `alone` (you) or `others`')
    .action(run((cli: Cli, options: Options) => init(cli, options)));
}

async function init(cli: Cli, options: Options): Promise<number> {
  const { force = false, json } = options;
  const { home } = cli.config;
  const folder = process.cwd();
  const file = path.join(folder, SPEC_FILE);
  if (!force && existsSync(file)) throw new Halt(isThere(file));
  const ports = new Set([...(await routerPorts(home)), ...(await initialisedPorts(home, file))]);
  const facts = await readProject(folder, ports);
  const suggestion = suggestSpec({ ...facts, approvers: await approversIn(cli, folder, options) });
  await write(file, suggestion.text, force);
  await rememberInitialised(home, file);
  const next = await nextCommands(folder);
  if (json) cli.print.json({ file, framework: suggestion.framework, notes: suggestion.notes, next });
  else say(cli, suggestion, next);
  return EXIT.succeeded;
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Halt(isThere(file));
    throw new Halt(`${file} cannot be written: ${message}`);
  }
}

const isThere = (file: string): string => `${file} is there already; \`mvca init --force\` writes over it`;

/** What was said; else what is answered on a terminal; else what the machine and the repository tell. */
async function approversIn({ config, print }: Cli, folder: string, { approvers, json }: Options): Promise<Approvers> {
  const { user } = config;
  if (approvers !== undefined) return readOrHalt(approvers, user);
  const likely = likelyApprovers(await readPeople(folder, user));
  if (json === true || print.terminal === null || !process.stdin.isTTY) return likely;
  const answer = await ask(
    `who approves production? names with commas, \`alone\` (you, ${user}) or \`others\` (anybody but who asks) [${likely.kind}]: `,
  );
  return answer.trim() === '' ? likely : readOrHalt(answer, user);
}

function readOrHalt(text: string, user: string): Approvers {
  const read = readApprovers(text, user);
  if (read.kind === 'wrong') throw new Halt(`${read.problem}; nothing was written`);
  return read;
}

function say({ print }: Cli, { framework, notes, text }: SpecSuggestion, next: readonly string[]): void {
  print.result(line('found: ', part(framework, 'strong')));
  for (const note of notes) print.result(line(part('  note: ', 'warn'), note));
  print.result(line(`wrote ${SPEC_FILE}:`));
  for (const row of text.trimEnd().split('\n')) print.result(line(part(`  ${row}`, 'dim')));
  print.result('next:');
  for (const command of next) print.result(line('  ', part(command, 'strong')));
}

/** What git does not have is not deployed: the spec has to be committed first. */
async function nextCommands(folder: string): Promise<readonly string[]> {
  const deploy = ['npx mvca plan', 'npx mvca deploy'];
  const git = await gitIn(folder).catch(() => null); // no git: then `plan` says what it thinks of the folder
  if (git === null || !(await succeeds(git, ['rev-parse', '--is-inside-work-tree']))) return deploy;
  // Where the ignore rules name it, nothing needs to be committed.
  if (await succeeds(git, ['check-ignore', '--quiet', SPEC_FILE])) return deploy;
  return [`git add ${SPEC_FILE} && git commit --message "Say how it is deployed"`, ...deploy];
}

const succeeds = (git: Git, args: readonly string[]): Promise<boolean> =>
  git.run(args).then(
    () => true,
    () => false, // git says no by its exit code
  );
