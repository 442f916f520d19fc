/** Runs an application's commands in its work folder: output kept and told, size and time limited, nothing left running. */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import os from 'node:os';
import path from 'node:path';
import { commandWords, endWords, importantLines, saysDiskFull } from '../../domain/build/command-words';
import { cleanEnvironment, runCommand, type CommandResult } from '../../system/run-command';
import type { SourceRequest } from '../contract';
import { fail } from '../failure';
import type { ProgressReport } from '../progress';
import type { BenchCommand, Workbench } from '../workshop';
import { boxed, type BoxRequest } from './box';
import { DISK_NEXT, freeBytes, megabytes, watchSize } from './disk';
import { asFetched, isOnPath } from './install';
import { watchMemory } from './limits';
import { noteEnded, noteRunning, type WorkFolder } from './work-folder';

const LOG_LIMIT = 50 * 1024 * 1024;

export interface BenchRequest {
  readonly request: Pick<SourceRequest, 'snapshot'>;
  readonly folder: WorkFolder;
  readonly report: ProgressReport;
  /** What the work folder may take on the disk, in bytes. */
  readonly quotaBytes: number;
  /** What package managers see of where they keep what they fetched. */
  readonly caches: Readonly<Record<string, string>>;
  readonly box: BoxRequest;
  /** Most memory of all processes of a command, in bytes. */
  readonly memoryBytes: number;
}

export function createBench({
  request,
  folder,
  report,
  quotaBytes,
  memoryBytes,
  caches,
  box,
}: BenchRequest): Workbench {
  const { commit, tag } = request.snapshot.told ?? request.snapshot;
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
      const over = (what: string, most: number) => (used: number) =>
        limit.abort(overLimit(command, what, { used, limit: most }));
      const stops = [watchSize(folder.root, quotaBytes, over('the work folder', quotaBytes))];
      try {
        const env = { ...cleanEnvironment(), ...caches, ...told, ...command.variables };
        const reached = { ...command, argv: await asFetched(folder.tree, command.argv) };
        const inside = await boxed(box, reached, env);
        const ended = await runCommand({
          argv: inside.argv,
          cwd: inside.isSandboxed ? '/' : (command.folder ?? folder.tree),
          env: inside.env,
          timeoutMs: Math.max(1, command.timeoutMs),
          signal: AbortSignal.any([report.signal, limit.signal]),
          onStart: (leader) => {
            noteRunning(folder, leader);
            stops.push(watchMemory(leader.pid, memoryBytes, over('the memory of its processes', memoryBytes)));
          },
          onLine: (line) => {
            log.write(line);
            report.line(line);
            command.onLine?.(line);
          },
        });
        if (limit.signal.aborted) throw limit.signal.reason;
        report.throwIfCancelled();
        return inside.isSandboxed ? await endedInside(reached, ended) : ended;
      } finally {
        for (const stop of stops) stop();
        noteEnded(folder);
        await log.close();
      }
    },
  };
}

/** The end of the command itself, which the sandbox's first process tells by its exit code as a shell does. */
async function endedInside({ argv: [program = ''] }: BenchCommand, result: CommandResult): Promise<CommandResult> {
  const { end, code } = result;
  if (end !== 'exited' || code === null) return result;
  const signal = Object.entries(os.constants.signals).find(([, number]) => number === code - 128)?.[0];
  if (signal !== undefined) return { ...result, end: 'signalled', code: null, signal };
  if (program.includes('/') || ![126, 127].includes(code) || (await isOnPath(program))) return result;
  const error = `there is no program \`${program}\` on the PATH`;
  return { ...result, end: 'not-started', code: null, tail: [], error };
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

function overLimit(command: BenchCommand, what: string, { used, limit }: { used: number; limit: number }): Error {
  const said = `\`${commandWords(command.argv)}\` was ended: ${what} had grown to ${megabytes(used)}`;
  const next = 'let the build need less; what it keeps for itself belongs outside of the application';
  return fail('BuildFailed', `${said}, and ${megabytes(limit)} are allowed. Next: ${next}`);
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
