import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { LogLine } from '../../../domain/host/runner';
import type { Tier } from '../../../domain/words';
import { followLogs, readLogs, tailLogs } from '../../../system/logs';
import { localReleases, type LocalRelease } from '../../host-files';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part, type Line } from '../line';
import { readDuration, readPattern, readTier } from '../options';
import { timeOfDay } from '../step-line';

const LAST_LINES = 200;
const LOOK_FOR_NEW_MS = 1_000;

interface Options extends JsonOption {
  readonly environment?: Tier;
  readonly release?: string;
  readonly since?: number;
  readonly follow?: boolean;
  readonly grep?: RegExp;
}

type Show = (release: LocalRelease, logged: LogLine) => void;

export function addLogs(program: Command, run: Run): void {
  declare(program, {
    usage: 'logs [app]',
    does: "show what the application's releases on this machine have said",
    examples: ['mvca logs shop --environment production --since 5m', 'mvca logs --follow --grep "error|warn"'],
    notes: [`Without --since the last ${LAST_LINES} lines of every release. Needs no engine. Secrets are masked.`],
  })
    .option('--environment <name>', 'of this environment only', readTier)
    .option('--release <name>', 'of this release (or version) only')
    .option('--since <duration>', 'not older than this, such as 5m', readDuration)
    .option('--follow', 'go on until Ctrl-C')
    .option('--grep <pattern>', 'lines that match this regular expression', readPattern)
    .action(run((cli: Cli, app: string | undefined, options: Options) => logs(cli, app, options)));
}

async function logs(cli: Cli, named: string | undefined, options: Options): Promise<number> {
  const app = await cli.app(named);
  const find = async () => (await localReleases(cli.config.home, app)).filter((release) => isMeant(release, options));
  const releases = await find();
  if (releases.length === 0 && options.follow !== true) throw new Halt(nothingFound(app, options));
  const show: Show = (release, logged) => {
    if (options.grep !== undefined && !options.grep.test(logged.line)) return;
    const { environment, release: name, version } = release;
    if (options.json) cli.print.json({ ...logged, environment, release: name, version });
    else cli.print.result(logLine(release, logged));
  };
  if (options.follow !== true) await showPast(releases, options, show);
  else await followAll(find, options, show);
  return EXIT.succeeded;
}

const isMeant = ({ environment, release, version }: LocalRelease, options: Options): boolean =>
  (options.environment === undefined || options.environment === environment) &&
  (options.release === undefined || options.release === release || options.release === version);

const nothingFound = (app: string, { environment, release }: Options): string =>
  `no release of ${app}${environment === undefined ? '' : ` in ${environment}`}${release === undefined ? '' : ` named ${release}`} has logs on this machine; see \`mvca status ${app}\``;

/** All releases in one order of time. */
async function showPast(releases: readonly LocalRelease[], { since }: Options, show: Show): Promise<void> {
  const read = await Promise.all(
    releases.map(async (release) => {
      const lines = since === undefined ? await tailLogs(release.folder, LAST_LINES) : await collect(release, since);
      return lines.map((logged) => ({ release, logged }));
    }),
  );
  const sorted = read.flat().sort((a, b) => (a.logged.at < b.logged.at ? -1 : a.logged.at > b.logged.at ? 1 : 0));
  for (const { release, logged } of sorted) show(release, logged);
}

async function collect({ folder }: LocalRelease, since: number): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const logged of readLogs(folder, { sinceMs: Date.now() - since })) lines.push(logged);
  return lines;
}

/** Also of releases that are started meanwhile. */
async function followAll(find: () => Promise<readonly LocalRelease[]>, { since }: Options, show: Show): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const startedMs = Date.now() - (since ?? 0);
  const followed = new Map<string, Promise<void>>();
  while (!stop.signal.aborted) {
    for (const release of await find()) {
      if (!followed.has(release.folder))
        followed.set(release.folder, followOne(release, { sinceMs: startedMs, signal: stop.signal }, show));
    }
    await sleep(LOOK_FOR_NEW_MS, undefined, { signal: stop.signal }).catch(() => undefined); // Ctrl-C
  }
  await Promise.all(followed.values());
}

async function followOne(
  release: LocalRelease,
  { sinceMs, signal }: { readonly sinceMs: number; readonly signal: AbortSignal },
  show: Show,
): Promise<void> {
  for await (const logged of followLogs(release.folder, { sinceMs }, signal)) show(release, logged);
}

export function logLine({ environment, release }: LocalRelease, { at, instance, stream, line: text }: LogLine): Line {
  const style = stream === 'err' ? 'bad' : stream === 'mvca' ? 'accent' : 'plain';
  return line(part(`${timeOfDay(at)} ${environment} ${release}#${instance} │ `, 'dim'), part(text, style));
}
