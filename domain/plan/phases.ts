/** The phases that a deployment passes through to reach an environment. */
import type { Spec } from '../spec/spec';
import type { Phase, Tier } from '../words';
import { environmentsTo } from './make-plan';

export function phasesTo(spec: Spec, to: Tier): readonly Phase[] {
  const passed = environmentsTo(spec, to).flatMap((environment): Phase[] => [
    ...(environment.approval === null ? [] : ['approval' as const]),
    environment.name,
    ...(environment.name === 'production' ? ['watch' as const] : []),
  ]);
  return ['validate', 'build', ...passed];
}
