/** One JSON object a line, as scripts read it. */
import type { StepEvent } from '../../../domain/deployment';
import type { FollowView } from '../following';
import type { Print } from '../print';
import { newWarnings } from './warnings';

export const stepObject = ({ at, phase, environment, step, state, summary, sequence }: StepEvent) => ({
  type: 'step' as const,
  at,
  phase,
  environment,
  step,
  state,
  summary,
  sequence,
});

export function jsonView(print: Print): FollowView {
  let seen = 0;
  let isAway = false;
  const warn = newWarnings(print);
  return {
    update: (update) => {
      if (update.kind === 'away') {
        if (!isAway) print.progress(`the engine does not answer (${update.reason}); trying on`);
        isAway = true;
        return;
      }
      isAway = false;
      warn(update.look.status.warnings);
      for (const step of update.look.status.steps) {
        if (step.sequence <= seen) continue;
        seen = step.sequence;
        print.json(stepObject(step));
      }
    },
    close: () => undefined,
  };
}
