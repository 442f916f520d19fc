import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Option, type Command } from 'commander';
import type { ReportPlace } from '../../../domain/records';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';

const FORMATS = ['html', 'md', 'json'] as const;

interface Options extends JsonOption {
  readonly version?: string;
  readonly format?: (typeof FORMATS)[number];
}

export function addReport(program: Command, run: Run): void {
  declare(program, {
    usage: 'report [app]',
    does: 'say where the newest report lies, or print it',
    examples: ['mvca report shop', 'mvca report shop --version 1.1.0 --format md'],
  })
    .option('--version <version>', 'of this version')
    .addOption(new Option('--format <format>', 'print the report itself').choices(FORMATS))
    .action(run((cli: Cli, app: string | undefined, options: Options) => report(cli, app, options)));
}

async function report(cli: Cli, named: string | undefined, { version, format, json }: Options): Promise<number> {
  const app = await cli.app(named);
  const { deployments } = await cli.engine({ start: false });
  const found = await deployments.inspect<ReportPlace | null>({ kind: 'report', app, version: version ?? null });
  if (found === null) {
    throw new Halt(
      `there is no report of ${app}${version === undefined ? '' : ` ${version}`}; past deployments are in \`mvca list ${app}\``,
    );
  }
  if (found.folder === null) {
    throw new Halt(
      `the report of ${app} ${found.version} is not on this machine, or not written yet (${found.deployment})`,
      EXIT.unexpected,
    );
  }
  if (format !== undefined) cli.print.raw(await content(found.folder, format));
  else if (json) cli.print.json({ ...found, files: await filesIn(found.folder) });
  else await say(cli, found, found.folder);
  return EXIT.succeeded;
}

async function say({ print }: Cli, { app, version, outcome }: ReportPlace, folder: string): Promise<void> {
  print.result(line(part(`${app} ${version}: ${outcome ?? 'still running'}`, 'strong')));
  for (const file of await filesIn(folder)) print.result(`  ${file}`);
}

async function content(folder: string, format: string): Promise<string> {
  const file = path.join(folder, `report.${format}`);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Halt(`${file} cannot be read: ${(error as Error).message}`, EXIT.unexpected);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]); // on another machine, or removed: none
  return names.filter((name) => /^report\.(html|md|json)$/.test(name)).map((name) => path.join(folder, name));
}
