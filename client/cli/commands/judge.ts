import type { Command } from 'commander';
import { whyOf } from '../../../domain/judge/finding';
import { ALPHA, type Objective } from '../../../domain/judge/judge';
import { StreamJudge, type StreamVerdict } from '../../../domain/judge/stream';
import { whySentence } from '../../../domain/reports/sentence';
import { formatDuration } from '../../../domain/units';
import { BadLine, readAnswers } from '../../answer-stream';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part, type Line } from '../line';
import { readAlpha, readCount, readDuration, readShare } from '../options';

interface Options extends JsonOption {
  readonly alpha: number;
  readonly errors: number;
  readonly response: number;
  readonly slow: number;
  readonly minimum: number;
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
      'Exit codes: 0 it was judged; with --exit-code 0 healthy, 3 inconclusive, 4 unhealthy; 2 a line is no answer.',
    ],
  })
    .option('--alpha <chance>', 'greatest chance of a false alarm', readAlpha, ALPHA)
    .option('--errors <share>', 'objective without old answers: at most so many errors', readShare, 0.01)
    .option('--response <duration>', 'an answer that takes longer is slow', readDuration, 1_000)
    .option('--slow <share>', 'objective without old answers: at most so many slow ones', readShare, 0.05)
    .option('--minimum <count>', 'least number of answers of each release for a verdict', readCount, 30)
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

async function judged(cli: Cli, file: string, options: Options): Promise<ReadonlySet<string>> {
  const objective: Objective = {
    errors: options.errors,
    slow: options.slow,
    responseMs: options.response,
    minimum: options.minimum,
    alpha: options.alpha,
  };
  const verdicts = new Set<string>();
  let stream: { readonly name: string | null; readonly judge: StreamJudge } | null =
    options.concat === true ? null : { name: null, judge: new StreamJudge(objective) };
  const say = (): void => {
    if (stream === null) return;
    const verdict = stream.judge.end();
    verdicts.add(verdict.verdict);
    if (options.json) cli.print.json({ ...(stream.name === null ? {} : { stream: stream.name }), ...jsonOf(verdict) });
    else cli.print.result(lineOf(stream.name, verdict));
  };
  try {
    for await (const read of readAnswers(file)) {
      if (read.kind === 'answer' && stream !== null) stream.judge.take(read.answer);
      else if (read.kind === 'stream' && options.concat === true) {
        say();
        stream = { name: read.name, judge: new StreamJudge(objective) };
      } else if (read.kind === 'stream') throw new BadLine(`${file} holds several streams: say --concat`);
      else throw new BadLine(`${file}: with --concat the first line is {"stream": NAME}`);
    }
  } catch (error) {
    if (error instanceof BadLine) throw new Halt(error.message);
    throw new Halt(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  say();
  return verdicts;
}

function jsonOf({ verdict, at, after, finding, needs }: StreamVerdict): object {
  if (finding === null) return { verdict, at, after, why: null, needs };
  const { measure, route, value, limit, samples, against, evidence, slowerThan } = finding;
  const why = { measure, value, limit, samples, against, route, evidence, slowerThan };
  return { verdict, at, after, why: { ...why, text: whySentence(whyOf(finding)) }, needs };
}

const STYLE = { healthy: 'good', unhealthy: 'bad', inconclusive: 'warn' } as const;

function lineOf(name: string | null, { verdict, at, after, finding, needs }: StreamVerdict): Line {
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
  );
}

const lasting = (seconds: number | null): string =>
  seconds === null ? '' : `, ${formatDuration(seconds * 1_000)} at this traffic`;
