/** Where an application's commands run: what the workshop (see `build/`) promises to the activities that run some. */
import type { CommandResult } from '../system/run-command';
import type { SourceRequest } from './contract';
import type { ProgressReport } from './progress';

export interface Workshop {
  /**
   * Runs `work` in the source's own folder, unpacked, installed and built (now, or earlier from the same inputs), while no other
   * activity on this machine uses it. Must be called within an activity: it heartbeats.
   * @throws ApplicationFailure `BuildFailed`, `NoSource`; CancelledFailure.
   */
  use<T>(request: SourceRequest, work: (bench: Workbench) => Promise<T>): Promise<T>;
}

export interface Workbench {
  /** The unpacked source, as the build left it. */
  readonly folder: string;
  readonly report: ProgressReport;
  /** Runs one command. @throws CancelledFailure when the activity is cancelled; the command and its children are gone by then. */
  run(command: BenchCommand): Promise<CommandResult>;
  /** The file that holds the whole output of the command with that `log`. */
  logOf(log: string): string;
}

export interface BenchCommand {
  readonly argv: readonly string[];
  /** Where it runs; by default the unpacked source. */
  readonly folder?: string;
  /** Beside PATH, HOME, LANG, TZ, CI and what tells the source (SOURCE_COMMIT, SOURCE_TAG). */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Whether it may read what reaches private registries (~/.npmrc and what it names); by default not. */
  readonly registry?: boolean;
  /** Whether it reaches the network; by default it does. */
  readonly network?: boolean;
  /** Name of the log file, such as `unit`. */
  readonly log: string;
  readonly onLine?: (line: string) => void;
}
