/** The jobs that read what applications wrote, each within a limit of time and memory; the jobs are in `bounded-jobs.ts`. */
import type { Diagnosis } from '../domain/diagnosis/answer';
import type { Logs } from '../domain/diagnosis/diagnose';
import type { Question } from '../domain/diagnosis/explain';
import type { Versions } from '../domain/diagnosis/lock-files';
import type { CoverageReading } from '../domain/gates/coverage';
import { boundedWork, type Bounded } from '../system/bounded-work';
import { programFile } from '../system/keeper';

/** A question whose code is read where it is answered. */
export interface PlainQuestion extends Omit<Question, 'logs' | 'file'> {
  readonly logs: Omit<Logs, 'code'>;
  readonly roots: readonly string[];
}

/** What each is given, and answers. */
export interface Jobs {
  explain(question: PlainQuestion): Diagnosis;
  coverage(report: { readonly text: string }): CoverageReading;
  lockFile(file: { readonly name: string; readonly text: string }): Versions | null;
}

export interface BoundedJob {
  readonly name: keyof Jobs;
  readonly input: unknown;
}

/** Megabytes of text become objects several times as large. */
const MEGABYTES = 512;

export const bounded = <J extends keyof Jobs>(
  name: J,
  input: Parameters<Jobs[J]>[0],
  limitMs: number,
): Promise<Bounded<ReturnType<Jobs[J]>>> =>
  boundedWork(programFile('activities/bounded-jobs.js'), { name, input } satisfies BoundedJob, {
    limitMs,
    megabytes: MEGABYTES,
  });
