/** All traffic at once from the old release to the new one, which is complete and checked before; the old one stays warm. */
import type { Strategy } from '.';
import { checks, needsTwoAtOnce, sideBySide } from './side-by-side';

export const blueGreen: Strategy = {
  steps: (environment, facts) => [
    ...(environment.platform.singleton && !facts.first ? [{ kind: 'stop-old' } as const] : []),
    { kind: 'start' },
    ...checks(environment),
    { kind: 'shift', percent: 100 },
    { kind: 'watch', forMs: environment.watch.forMs },
    { kind: 'prove' },
  ],
  refusals: (environment, facts) => (needsTwoAtOnce(environment, facts) ? [sideBySide(environment)] : []),
};
