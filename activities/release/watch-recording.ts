/** Writes down what a watch was given to judge, so that it can be judged again (`mvca judge`). Nothing is decided by it, and nothing waits for it. */
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import { recordedReading, recordedWatch, type RecordedEnd } from '../../domain/judge/recording';
import type { OwnAnswers, RouterReading } from '../../domain/judge/watching';
import type { WatchRequest } from '../contract';
import { watchedBy } from './watched-by';

/** Of one watch: an hour of two busy releases. What comes after it is not recorded. */
const LARGEST = 64 * 2 ** 20;

export interface WatchRecording {
  /** @param router null: it could not be read. */
  look(at: number, router: RouterReading | null, own: OwnAnswers): void;
  end(said: RecordedEnd): void;
  close(): void;
}

const nothing = (): void => undefined;
export const NO_RECORDING: WatchRecording = { look: nothing, end: nothing, close: nothing };

/** One file for each watch, in a folder that is made if need be. @throws the system's error when it cannot be made. */
export function createRecordings(folder: string): (request: WatchRequest) => WatchRecording {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return (request) => {
    const watched = watchedBy(request);
    const write = openFile(path.join(folder, nameOf(request)));
    write(recordedWatch(watched));
    return {
      look: (at, router, own) => {
        const answered = own.newRelease.answers + own.oldRelease.answers > 0;
        write({
          at,
          ...(router === null ? {} : { router: recordedReading(router, watched) }),
          ...(answered ? { own } : {}),
        });
      },
      end: write,
      close: () => write(null),
    };
  };
}

const nameOf = ({ app, environment, release, startedAt }: WatchRequest): string =>
  `${app}-${environment.name}-${release}-${startedAt}.jsonl`;

/** null ends the file. A watch that is taken up again goes on in the same one. */
function openFile(file: string): (value: object | null) => void {
  let left = LARGEST;
  const { log } = Context.current();
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  stream.on('error', (error) => {
    left = 0;
    log.warn('what the watch sees is not recorded', { file, error });
  });
  return (value) => {
    if (value === null) return void stream.end();
    const line = `${JSON.stringify(value)}\n`;
    left -= line.length;
    if (left > 0) stream.write(line);
  };
}
