import type { Command } from 'commander';
import { NO_CONTEXT, type Context, type LogText } from '../../../domain/diagnosis/answer';
import { diagnose } from '../../../domain/diagnosis/diagnose';
import type { StoredDiagnosis } from '../../../domain/records';
import type { Tier } from '../../../domain/words';
import { contextOf } from '../../../domain/diagnosis/context';
import { readCodeLine, readLogFile } from '../../log-file';
import { lastRequest } from '../../last-request';
import { diagnosed } from '../../diagnosed';
import { appNameIn, loadSpec } from '../../spec-file';
import { headline } from '../text';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';
import { readTier } from '../options';
import { diagnosisLines } from '../views/diagnosis';

interface Options extends JsonOption {
  readonly logs?: readonly string[];
  readonly oldLogs: readonly string[];
  readonly app?: string;
  readonly environment?: Tier;
  readonly spec?: string;
}

export function addDiagnose(program: Command, run: Run): void {
  declare(program, {
    usage: 'diagnose [deployment]',
    does: 'name the cause of a failure, with evidence, remedy, and whom it hit',
    examples: [
      'mvca diagnose shop',
      'mvca diagnose 1.4.2 --json',
      'mvca diagnose --logs new.log --old-logs old.log',
      'mvca logs shop --release 41 --json | mvca diagnose --logs - --app shop --environment production --json',
    ],
    notes: [
      'Of a deployment (an application means its last one; a version, a run or an id of a deployment means that one): what was found out when it failed; where nothing was, and its release is still there, it is looked at now.',
      'With --logs: from files alone, without the engine.',
      'Reads plain text, JSON lines (pino, winston, bunyan and alike) and what `mvca logs` prints; of a long file the last 32 MB.',
      'Secrets and personal data in quoted lines are masked. What deployment.yaml says is used where there is one.',
      'Exit codes: 0 it was diagnosed, whether or not a cause was found; 2 a file cannot be read, or there is no such deployment.',
    ],
  })
    .option('--logs <file...>', 'logs of the release that fails, or - for standard input')
    .option('--old-logs <file...>', 'logs of the release before: trouble that it had, too, ranks lower', [])
    .option('--app <name>', 'the application, for commands that mend it (default: the one in this folder)')
    .option(
      '--environment <name>',
      'where it runs (default: that of the deployment; with --logs production); of a deployment, its release there is looked at now',
      readTier,
    )
    .option('--spec <file>', 'the spec (default: deployment.yaml in this folder, if there is one)')
    .action(run((cli: Cli, named: string | undefined, options: Options) => diagnoseCommand(cli, named, options)));
}

function diagnoseCommand(cli: Cli, named: string | undefined, options: Options): Promise<number> {
  const { logs } = options;
  if (logs === undefined) return ofDeployment(cli, named, options);
  if (named !== undefined)
    throw new Halt(`either a deployment (${named}) or --logs: with both it is not clear what is meant`);
  return ofLogs(cli, logs, options);
}

async function ofDeployment(cli: Cli, named: string | undefined, options: Options): Promise<number> {
  const preferred = options.app ?? (await appNameIn(options.spec));
  const of = named ?? options.app ?? (await cli.app(undefined));
  const { connection, deployments } = await cli.engine({ start: false });
  const specOf = async (app: string) => {
    const here = await loadSpec(options.spec);
    return here.kind === 'read' && here.spec.app === app
      ? here.spec
      : ((await lastRequest(connection, app))?.spec ?? null);
  };
  const { stored, found } = await diagnosed(deployments, {
    of,
    preferred,
    environment: options.environment ?? null,
    specOf,
  });
  if (found === null) throw new Halt(nothingToSay(of, stored));
  const { diagnosis, ...what } = found;
  if (options.json) cli.print.json({ ...diagnosis, ...what });
  else {
    const { app, version, environment, outcome, from } = what;
    const end = `${outcome === null ? '' : `${outcome}; `}${from === 'records' ? 'as found when it failed' : 'the release that is there, looked at now'}`;
    cli.print.result(
      line(part(`${app} ${version}${environment === null ? '' : ` in ${environment}`}: ${end}`, 'strong')),
    );
    for (const told of diagnosisLines(diagnosis)) cli.print.result(told);
  }
  return EXIT.succeeded;
}

function nothingToSay(of: string, stored: StoredDiagnosis | null): string {
  if (stored === null)
    return `no deployment, version or application ${of} is in the records, and no release of it is here; past ones are in \`mvca list\`. Logs in files: \`mvca diagnose --logs FILE\``;
  const { app, version, outcome, reason, environment } = stored;
  return `${app} ${version} (${outcome ?? 'running'}${reason === null ? '' : `: ${headline(reason)}`}) has no diagnosis, and no release of it is here. What serves is looked at by \`mvca diagnose ${app} --environment ${environment ?? 'production'}\`, logs in files by \`mvca diagnose --logs FILE\``;
}

async function ofLogs(cli: Cli, logs: readonly string[], options: Options): Promise<number> {
  const [fresh, old] = [await readAll(logs), await readAll(options.oldLogs)];
  const diagnosis = diagnose({ fresh, old, code: readCodeLine }, await contextFor(cli, options));
  if (options.json) cli.print.json(diagnosis);
  else for (const told of diagnosisLines(diagnosis)) cli.print.result(told);
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
