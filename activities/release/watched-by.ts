/** What the judge is told of a watch. */
import { ALPHA } from '../../domain/judge/judge';
import type { Mark } from '../../domain/judge/readings';
import type { Watched } from '../../domain/judge/watching';
import type { WatchRequest } from '../contract';

export function watchedBy({ release, oldRelease, environment, mark }: WatchRequest): Watched {
  const { errors, slow, responseMs, minimum, errorStatuses } = environment.watch;
  const objective = { errors, slow, responseMs, minimum, alpha: ALPHA };
  return { release, oldRelease, objective, errorStatuses, mark: mark as Mark | null };
}
