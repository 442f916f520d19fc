import type { Command } from 'commander';
import { whyOf } from '../../../domain/judge/finding';
import { ALPHA, type Objective } from '../../../domain/judge/judge';
import type { StreamVerdict } from '../../../domain/judge/stream';
import { whySentence } from '../../../domain/reports/sentence';
import { formatDuration } from '../../../domain/units';
import { BadLine } from '../../answer-stream';
import { judgeFile, type JudgedStream } from '../../judge-file';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part, type Line } from '../line';
import { readAlpha, readCount, readDuration, readShare } from '../options';

interface Options extends JsonOption {
  readonly alpha?: number;
  readonly errors?: number;
  readonly response?: number;
  readonly slow?: number;
  readonly minimum?: number;
  readonly concat?: boolean;
  readonly exitCode?: boolean;
}

export function addJudge(program: Command, run: Run): void {
  declare(program, {
    usage: 'judge <file>',
    does: 'judge recorded answers of an old and a new release as a watch would have',
    examples: ['mvca judge answers.jsonl', 'mvca judge - --errors 0.5% --json < answers.jsonl'],
    notes: [
      'A line of the file is one answer: {"at": ms, "release": "old"|"new", "status": 200, "ms": 12, "route": "/x"};',
      'status 0 means that none came, `route` may be left out. With --concat a line {"stream": "name"} begins each of many streams.',
      'A worker with MVCA_WATCH_RECORDINGS=FOLDER records what its watches see of the router: such a file is judged by what was asked of that',
      'watch, but for what is named here.',
      'Exit codes: 0 it was judged; with --exit-code 0 healthy, 3 inconclusive, 4 unhealthy; 2 a line is no answer.',
    ],
  })
    .option('--alpha <chance>', 'greatest chance of a false alarm (default: 0.1 %)', readAlpha)
    .option('--errors <share>', 'objective without old answers: at most so many errors (default: 1 %)', readShare)
    .option('--response <duration>', 'an answer that takes longer is slow (default: 1s)', readDuration)
    .option('--slow <share>', 'objective without old answers: at most so many slow ones (default: 5 %)', readShare)
    .option('--minimum <count>', 'least number of answers of each release for a verdict (default: 30)', readCount)
    .option('--concat', 'the file holds many streams')
    .option('--exit-code', 'tell the verdict by the exit code, too')
    .action(run((cli: Cli, file: string, options: Options) => judge(cli, file, options)));
}

async function judge(cli: Cli, file: string, options: Options): Promise<number> {
  const verdicts = await judged(cli, file, options);
  if (options.exitCode !== true) return EXIT.succeeded;
  if (verdicts.has('unhealthy')) return EXIT.rolledBack;
  return verdicts.has('inconclusive') ? EXIT.rejected : EXIT.succeeded;
}

const USUAL: Objective = { errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30, alpha: ALPHA };

async function judged(cli: Cli, file: string, options: Options): Promise<ReadonlySet<string>> {
  const verdicts = new Set<string>();
  const streams = judgeFile(file, { usual: USUAL, given: givenBy(options), concat: options.concat === true });
  try {
    for await (const { name, verdict, said } of streams) {
      verdicts.add(verdict.verdict);
      if (options.json)
        cli.print.json({
          ...(name === null ? {} : { stream: name }),
          ...jsonOf(verdict),
          ...(said === null ? {} : { said }),
        });
      else cli.print.result(lineOf(name, verdict, saidWords(said)));
    }
  } catch (error) {
    if (error instanceof BadLine) throw new Halt(error.message);
    throw new Halt(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return verdicts;
}

/** Only what was named. */
function givenBy({ alpha, errors, response: responseMs, slow, minimum }: Options): Partial<Objective> {
  const all = Object.entries({ alpha, errors, responseMs, slow, minimum });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

function jsonOf({ verdict, at, after, finding, needs }: StreamVerdict): object {
  if (finding === null) return { verdict, at, after, why: null, needs };
  const { measure, route, value, limit, samples, against, evidence, slowerThan } = finding;
  const why = { measure, value, limit, samples, against, route, evidence, slowerThan };
  return { verdict, at, after, why: { ...why, text: whySentence(whyOf(finding)) }, needs };
}

const STYLE = { healthy: 'good', unhealthy: 'bad', inconclusive: 'warn' } as const;

function lineOf(name: string | null, { verdict, at, after, finding, needs }: StreamVerdict, said: string): Line {
  const counted = `${after.newRequests} new and ${after.oldRequests} old answers`;
  const when = at === null ? `, ${counted}` : ` at ${at} ms, after ${counted}`;
  return line(
    ...(name === null ? [] : [part(`${name}: `, 'strong')]),
    part(verdict, STYLE[verdict]),
    when,
    finding === null ? '' : `: ${whySentence(whyOf(finding))}`,
    needs === null
      ? ''
      : `; a verdict needs about ${needs.requests} more answers of the new release${lasting(needs.seconds)}`,
    said,
  );
}

/** Beside the verdict of now: another version of the judge, or another objective, may say another. */
function saidWords(said: JudgedStream['said']): string {
  if (said === null) return '';
  const when = said.at === null ? '' : ` at ${Math.round(said.at)} ms`;
  return `; the watch said ${said.verdict}${when}${said.by === 'judge' ? '' : ', for other reasons than answers'}`;
}

const lasting = (seconds: number | null): string =>
  seconds === null ? '' : `, ${formatDuration(seconds * 1_000)} at this traffic`;
