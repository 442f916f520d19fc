/** What the shell is told. Scripts rely on these numbers. */
import type { Outcome } from '../../domain/words';

export const EXIT = {
  succeeded: 0,
  unexpected: 1,
  /** Wrong usage, spec or plan; a message that the deployment refused. */
  usage: 2,
  rejected: 3,
  rolledBack: 4,
  rollbackFailed: 5,
  alreadyRunning: 6,
  unreachable: 7,
  /** Ctrl-C while following, as shells count it (128 + SIGINT): the deployment goes on, its outcome is not known. */
  leftAlone: 130,
} as const;

export const EXIT_OF_OUTCOME: Readonly<Record<Outcome, number>> = {
  succeeded: EXIT.succeeded,
  rejected: EXIT.rejected,
  'rolled-back': EXIT.rolledBack,
  'rollback-failed': EXIT.rollbackFailed,
};
