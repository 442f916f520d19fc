/** Would a deployment make room for a newer one now? */
import type { Decision } from '../../domain/approvals/decide';
import { decideSupersede } from '../../domain/approvals/supersede';
import type { Deployment } from './deployment';

export function makesRoom({ status, saga, superseded, tooLate }: Deployment): Decision {
  const changedProduction = saga.hasChanged('production') || saga.isProven('production');
  return decideSupersede({ ...status, superseded, tooLate, changedProduction });
}
