import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { suggestSpec, type SpecSuggestion } from '../../../domain/init/suggest-spec';
import { gitIn, type Git } from '../../../system/git';
import { routerPorts } from '../../host-files';
import { readProject } from '../../project-facts';
import { SPEC_FILE } from '../../spec-file';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';

interface Options extends JsonOption {
  readonly force?: boolean;
}

export function addInit(program: Command, run: Run): void {
  declare(program, {
    usage: 'init',
    does: `look at the application in this folder and write a first ${SPEC_FILE}`,
    examples: ['mvca init'],
    notes: ['A spec that is there already is kept, unless --force says otherwise.'],
  })
    .option('--force', 'write over a spec that is there')
    .action(run((cli: Cli, options: Options) => init(cli, options)));
}

async function init(cli: Cli, { force = false, json }: Options): Promise<number> {
  const folder = process.cwd();
  const suggestion = suggestSpec(await readProject(folder, await routerPorts(cli.config.home)));
  const file = path.join(folder, SPEC_FILE);
  await write(file, suggestion.text, force);
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
    if (code === 'EEXIST') throw new Halt(`${file} is there already; \`mvca init --force\` writes over it`);
    throw new Halt(`${file} cannot be written: ${message}`);
  }
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
