import type { Command } from 'commander';
import { NO_CONTEXT, type Cause, type Context, type Diagnosis, type LogText } from '../../../domain/diagnosis/answer';
import { diagnose } from '../../../domain/diagnosis/diagnose';
import type { Tier } from '../../../domain/words';
import { contextOf } from '../../../domain/diagnosis/context';
import { readCodeLine, readLogFile } from '../../log-file';
import { loadSpec } from '../../spec-file';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part, type Line } from '../line';
import { readTier } from '../options';

interface Options extends JsonOption {
  readonly logs: readonly string[];
  readonly oldLogs: readonly string[];
  readonly app?: string;
  readonly environment?: Tier;
  readonly spec?: string;
}

export function addDiagnose(program: Command, run: Run): void {
  declare(program, {
    usage: 'diagnose',
    does: 'name the cause of a failure from logs, with evidence and remedy',
    examples: [
      'mvca diagnose --logs new.log --old-logs old.log',
      'mvca logs shop --release 41 --json | mvca diagnose --logs - --app shop --environment production --json',
    ],
    notes: [
      'Reads plain text, JSON lines (pino, winston, bunyan and alike) and what `mvca logs` prints; of a long file the last 32 MB.',
      'Secrets and personal data in quoted lines are masked. Needs no engine. What deployment.yaml says is used where there is one.',
      'Exit codes: 0 it was diagnosed, whether or not a cause was found; 2 a file cannot be read.',
    ],
  })
    .requiredOption('--logs <file...>', 'logs of the release that fails, or - for standard input')
    .option('--old-logs <file...>', 'logs of the release before: trouble that it had, too, ranks lower', [])
    .option('--app <name>', 'the application, for commands that mend it (default: the one in this folder)')
    .option('--environment <name>', 'where it runs (default: production)', readTier)
    .option('--spec <file>', 'the spec (default: deployment.yaml in this folder, if there is one)')
    .action(run((cli: Cli, options: Options) => explain(cli, options)));
}

async function explain(cli: Cli, options: Options): Promise<number> {
  const [fresh, old] = [await readAll(options.logs), await readAll(options.oldLogs)];
  const diagnosis = diagnose({ fresh, old, code: readCodeLine }, await contextFor(cli, options));
  if (options.json) cli.print.json(diagnosis);
  else for (const told of linesOf(diagnosis)) cli.print.result(told);
  return EXIT.succeeded;
}

async function readAll(files: readonly string[]): Promise<LogText[]> {
  const logs: LogText[] = [];
  for (const file of files) {
    try {
      logs.push(await readLogFile(file));
    } catch (error) {
      throw new Halt(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return logs;
}

/** A spec that is wrong does not stop a diagnosis, unless it was named. */
async function contextFor(cli: Cli, { app, environment, spec }: Options): Promise<Context> {
  const loaded = spec === undefined ? await loadSpec() : await cli.spec(spec);
  const known = loaded.kind === 'read' ? contextOf(loaded.spec, environment ?? null) : NO_CONTEXT;
  const isOther = app !== undefined && app !== known.app;
  const base = isOther ? { ...NO_CONTEXT, app: await cli.app(app) } : known;
  return { ...base, environment: environment ?? base.environment ?? (base.app === null ? null : 'production') };
}

function linesOf({ causes, looked, unexplained }: Diagnosis): (Line | string)[] {
  const at = looked.map(({ source, lines, errors }) => `${source} (${lines} lines, ${errors} errors)`).join(', ');
  if (causes.length > 0) return [...causes.flatMap(causeLines), line(part(`looked at ${at}`, 'dim'))];
  return [
    line(
      part('no cause found', 'warn'),
      `: looked at ${at} for errors by class, code, SQLSTATE, signal and place in the code`,
    ),
    ...unexplained.map(({ source, line: number, text }) => line(part(`  ${source}:${number ?? '?'} `, 'dim'), text)),
  ];
}

function causeLines({ title, cause, confidence, count, countBefore, evidence, remedy }: Cause, at: number): Line[] {
  const before = countBefore === 0 ? '' : `, ${countBefore} times in the old release`;
  const times = count === 1 && before === '' ? '' : `, ${count} times${before}`;
  return [
    line(
      part(`${at + 1}. ${title}`, at === 0 ? 'bad' : 'strong'),
      part(` (${cause}, confidence ${confidence}${times})`, 'dim'),
    ),
    ...evidence.map(({ source, at: time, line: number, text }) =>
      line(part(`   ${time === null ? '' : `${time} `}${source}:${number ?? '?'} `, 'dim'), text),
    ),
    line(`   ${remedy.text}`),
    ...(remedy.command === undefined ? [] : [line('   ', part(remedy.command, 'accent'))]),
  ];
}
