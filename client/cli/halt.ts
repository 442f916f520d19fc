/** Ends a command early with words and an exit code; what every kind of error means to the shell. */
import { CommanderError } from 'commander';
import { EngineRefusal } from '../../embedded';
import {
  AlreadyRunning,
  EngineUnreachable,
  innermost,
  LeftLine,
  NoDeployment,
  Refused,
  unreachedReason,
} from '../errors';
import { EXIT } from './exit-codes';

/** The message is for the person; it names what is wrong and the next step. */
export class Halt extends Error {
  override readonly name = 'Halt';
  constructor(
    message: string,
    readonly exit: number = EXIT.usage,
  ) {
    super(message);
  }
}

export interface Ending {
  readonly exit: number;
  /** null: the words were said already. */
  readonly message: string | null;
}

/** Failures of a plan or a source are the person's to mend; others are not. */
const MENDABLE: readonly string[] = [
  'DirtySource',
  'UnsafeSource',
  'NoSource',
  'PlanRefused',
  'FreezeRefused',
  'IdentityRefused',
  'SecretMissing',
];

export function endingOf(error: unknown): Ending {
  if (error instanceof Halt) return { exit: error.exit, message: error.message };
  if (error instanceof CommanderError) {
    return { exit: error.exitCode === 0 ? EXIT.succeeded : EXIT.usage, message: null };
  }
  if (error instanceof EngineUnreachable || error instanceof EngineRefusal) {
    return { exit: EXIT.unreachable, message: error.message };
  }
  if (error instanceof AlreadyRunning) return { exit: EXIT.alreadyRunning, message: error.message };
  if (error instanceof LeftLine) return { exit: EXIT.rejected, message: error.message };
  if (error instanceof NoDeployment) return { exit: EXIT.usage, message: error.message };
  if (error instanceof Refused) {
    const mendable = error.failure === null || MENDABLE.includes(error.failure);
    return { exit: mendable ? EXIT.usage : EXIT.unexpected, message: error.message };
  }
  const unreached = unreachedReason(error);
  if (unreached !== null)
    return { exit: EXIT.unreachable, message: `the engine did not answer (${unreached}): ${innermost(error)}` };
  return { exit: EXIT.unexpected, message: innermost(error) };
}
