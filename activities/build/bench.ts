/** Runs an application's commands in its work folder: output kept and told, size and time limited, nothing left running. */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import path from 'node:path';
import { commandWords, endWords, importantLines, saysDiskFull } from '../../domain/build/command-words';
import { cleanEnvironment, runCommand, type CommandResult } from '../../system/run-command';
import type { SourceRequest } from '../contract';
import { fail } from '../failure';
import type { ProgressReport } from '../progress';
import type { BenchCommand, Workbench } from '../workshop';
import { DISK_NEXT, freeBytes, megabytes, watchSize } from './disk';
import { noteEnded, noteRunning, type WorkFolder } from './work-folder';

const LOG_LIMIT = 50 * 1024 * 1024;

export interface BenchRequest {
  readonly request: Pick<SourceRequest, 'snapshot'>;
  readonly folder: WorkFolder;
  readonly report: ProgressReport;
  /** What the work folder may take on the disk, in bytes. */
  readonly quotaBytes: number;
  /** Where package managers keep what they fetched. */
  readonly caches: Readonly<Record<string, string>>;
}

export function createBench({ request, folder, report, quotaBytes, caches }: BenchRequest): Workbench {
  const { commit, tag } = request.snapshot;
  const told = {
    CI: 'true',
    ...(commit === null ? {} : { SOURCE_COMMIT: commit }),
    ...(tag === null ? {} : { SOURCE_TAG: tag }),
  };
  return {
    folder: folder.tree,
    report,
    logOf: (log) => path.join(folder.logs, `${log}.log`),
    run: async (command) => {
      report.throwIfCancelled();
      const log = openLog(path.join(folder.logs, `${command.log}.log`));
      report.doing(commandWords(command.argv), log.file);
      const limit = new AbortController();
      const stop = watchSize(folder.root, quotaBytes, (bytes) => limit.abort(bytes));
      try {
        const result = await runCommand({
          argv: command.argv,
          cwd: command.folder ?? folder.tree,
          env: { ...cleanEnvironment(), ...caches, ...told, ...command.variables },
          timeoutMs: Math.max(1, command.timeoutMs),
          signal: AbortSignal.any([report.signal, limit.signal]),
          onStart: (leader) => noteRunning(folder, leader),
          onLine: (line) => {
            log.write(line);
            report.line(line);
            command.onLine?.(line);
          },
        });
        if (limit.signal.aborted) throw overQuota(command, Number(limit.signal.reason), quotaBytes);
        report.throwIfCancelled();
        return result;
      } finally {
        stop();
        noteEnded(folder);
        await log.close();
      }
    },
  };
}

/** The failure of a command that did not do its work: the command, how it ended, the lines that matter, the whole output. */
export async function commandFailure(command: BenchCommand, result: CommandResult, folder: WorkFolder): Promise<Error> {
  const lines = importantLines(result.tail).map((line) => `  ${line}`);
  const full = saysDiskFull(result.tail)
    ? [`The disk is full: ${megabytes(await freeBytes(folder.root))} are free. ${DISK_NEXT}`]
    : [];
  const log = result.end === 'not-started' ? [] : [`The whole output: ${path.join(folder.logs, `${command.log}.log`)}`];
  return fail(
    'BuildFailed',
    [`\`${commandWords(command.argv)}\` ${endWords(result)}`, ...lines, ...full, ...log].join('\n'),
  );
}

function overQuota(command: BenchCommand, bytes: number, quotaBytes: number): Error {
  const what = `\`${commandWords(command.argv)}\` was ended: the work folder had grown to ${megabytes(bytes)}`;
  const next = 'let the build write less; what it keeps for itself belongs outside of the application';
  return fail('BuildFailed', `${what}, and ${megabytes(quotaBytes)} are allowed. Next: ${next}`);
}

function openLog(file: string): { file: string; write(line: string): void; close(): Promise<void> } {
  const stream = createWriteStream(file, { mode: 0o600 });
  let failed = false;
  stream.on('error', () => (failed = true)); // a full disk: the command itself will say so
  let bytes = 0;
  return {
    file,
    write: (line) => {
      if (failed || bytes > LOG_LIMIT) return;
      bytes += line.length + 1;
      stream.write(bytes > LOG_LIMIT ? `… more than ${megabytes(LOG_LIMIT)}: the rest is not kept\n` : `${line}\n`);
    },
    close: async () => {
      stream.end();
      if (!failed) await finished(stream).catch(() => undefined); // as above
    },
  };
}
