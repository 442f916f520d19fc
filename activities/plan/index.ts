/** Makes plans: pure code, and the digest that workflows cannot compute. */
import { createHash } from 'node:crypto';
import { makePlan } from '../../domain/plan/make-plan';
import type { RecordActivities } from '../contract';

export function createPlanActivities(): Pick<RecordActivities, 'drawPlan'> {
  return {
    drawPlan: async ({ history, ...asked }) =>
      makePlan({ ...asked, history: history.phases, timings: history.timings ?? {}, sha256 }),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
