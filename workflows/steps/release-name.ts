/** What a release is called, and its part of the plan. */
import type { Plan, PlannedEnvironment } from '../../domain/plan/plan';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import { halt } from '../support/failure';

/** Unique, readable, and the same in every environment of one deployment. */
export const releaseName = (version: string, run: string): string => `${version}-${run.slice(-8)}`;

export function planned(plan: Plan, environment: EnvironmentSpec): PlannedEnvironment {
  const found = plan.environments.find((part) => part.environment === environment.name);
  if (found === undefined) throw halt('PlanRefused', `the plan says nothing of ${environment.name}`);
  return found;
}
