/** How instances end, as their runner saw it: exit codes, signals, and how often. */
import type { InstanceStatus } from '../../host/runner';
import type { FigureCause, LookAtFigures } from './finding';

/** One restart may be anything. */
const LEAST_RESTARTS = 2;

/** Says that they end again and again, and how; why is for the logs to say. */
export const lookAtEnds: LookAtFigures = ({ at, fresh }) => {
  const [worst] = fresh.instances
    .filter(({ restarts, lastExit }) => restarts >= LEAST_RESTARTS && lastExit !== null)
    .sort((a, b) => b.restarts - a.restarts);
  return worst === undefined ? [] : [crashLoop(worst, at)];
};

const crashLoop = (status: InstanceStatus, at: string): FigureCause => ({
  cause: 'crash-loop',
  confidence: 0.3,
  title: `instance ${status.instance} ends again and again: ${endText(status)}`,
  evidence: [endEvidence(status, at)],
  remedy: { text: 'Run the start command by hand with the same variables, and see where it ends.' },
});

export const endEvidence = (status: InstanceStatus, at: string): FigureCause['evidence'][number] => ({
  source: 'runner',
  at: status.lastExit === null ? at : new Date(status.lastExit.at).toISOString(),
  text: `instance ${status.instance} ${endText(status)}, and was started again ${status.restarts} times`,
});

function endText({ lastExit }: InstanceStatus): string {
  if (lastExit?.signal != null) return `was ended by ${lastExit.signal}`;
  return lastExit?.code == null ? 'ended' : `exited with code ${lastExit.code}`;
}
