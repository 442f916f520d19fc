/** Judges whatever a file holds: recorded answers, or what a watch saw of the router. */
import type { Objective } from '../domain/judge/judge';
import { RecordingJudge, type RecordedEnd } from '../domain/judge/recording';
import { StreamJudge, type StreamVerdict } from '../domain/judge/stream';
import { BadLine, readAnswers, type StreamLine } from './answer-stream';

export interface JudgeFileOptions {
  /** For recorded answers; and the part that is named, for a watch instead of its own. */
  readonly usual: Objective;
  readonly given: Partial<Objective>;
  /** The file holds many streams, each begun by its name. */
  readonly concat: boolean;
}

export interface JudgedStream {
  readonly name: string | null;
  readonly verdict: StreamVerdict;
  /** What the watch said itself; null: not recorded, or it is no recording of a watch. */
  readonly said: RecordedEnd['end'] | null;
}

interface Open {
  readonly name: string | null;
  judge: Judge | null;
  said: RecordedEnd['end'] | null;
}

const opened = (name: string | null): Open => ({ name, judge: null, said: null });

type Judge = StreamJudge | RecordingJudge;

/** One verdict for each stream and each watch, as soon as it ends. @throws BadLine, or the system's error when the file cannot be read */
export async function* judgeFile(file: string, options: JudgeFileOptions): AsyncGenerator<JudgedStream> {
  let open = options.concat ? null : opened(null);
  for await (const line of readAnswers(file)) {
    if (line.kind === 'stream') {
      if (!options.concat) throw new BadLine(`${file} holds several streams: say --concat`);
      if (open !== null) yield verdictOf(open, options);
      open = opened(line.name);
    } else if (open === null) throw new BadLine(`${file}: with --concat the first line is {"stream": NAME}`);
    else if (line.kind === 'end') open.said = line.said;
    else {
      // After its end a watch begins anew, where it was prolonged; without one it was taken up again.
      if (line.kind === 'watch' && open.said !== null) {
        yield verdictOf(open, options);
        open = opened(open.name);
      }
      open.judge = taken(open.judge, line, options);
    }
  }
  if (open !== null) yield verdictOf(open, options);
}

function verdictOf({ name, judge, said }: Open, options: JudgeFileOptions): JudgedStream {
  return { name, verdict: (judge ?? answersJudge(options)).end(), said };
}

const answersJudge = ({ usual, given }: JudgeFileOptions): StreamJudge => new StreamJudge({ ...usual, ...given });

function taken(
  judge: Judge | null,
  line: Exclude<StreamLine, { kind: 'stream' | 'end' }>,
  options: JudgeFileOptions,
): Judge {
  if (line.kind === 'answer') {
    const of = judge ?? answersJudge(options);
    if (!(of instanceof StreamJudge)) throw new BadLine(`${line.place}: an answer among the looks of a watch`);
    of.take(line.answer);
    return of;
  }
  if (judge instanceof StreamJudge) throw new BadLine(`${line.place}: a look of a watch among answers`);
  if (line.kind === 'watch') {
    judge?.goOn();
    return judge ?? new RecordingJudge(line.recorded, options.given);
  }
  if (judge === null) throw new BadLine(`${line.place}: a look comes before {"watch": …}, which says of what`);
  judge.take(line.look);
  return judge;
}
