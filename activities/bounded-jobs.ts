/** Runs in a thread, with limits of time and memory (`bounded.ts`): one job, whose answer is posted. */
import { parentPort, workerData } from 'node:worker_threads';
import { explain } from '../domain/diagnosis/explain';
import { readLockFile } from '../domain/diagnosis/lock-files';
import { readCoverage } from '../domain/gates/coverage';
import type { BoundedJob, Jobs } from './bounded';
import { codeIn } from './code-reader';

const JOBS: Jobs = {
  explain: ({ logs, ...question }) => {
    const file = codeIn(question.roots);
    const code = (place: { file: string; line: number }) => file(place.file)?.split('\n')[place.line - 1] ?? null;
    return explain({ ...question, logs: { ...logs, code }, file });
  },
  coverage: ({ text }) => readCoverage(text),
  lockFile: ({ name, text }) => readLockFile(name, text),
};

const { name, input } = workerData as BoundedJob;
parentPort?.postMessage(JOBS[name](input as never));
