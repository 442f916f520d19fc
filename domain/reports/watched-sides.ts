/** Both releases of a watch: the weight that was set beside the share that was measured, and the figures. */
import type { DeploymentStatus } from '../deployment';
import { shareOfNew, type Figures } from '../judge/figures';

export interface WatchedSide {
  readonly name: 'new' | 'old';
  /** In percent; null: the watch was written down by an older version. */
  readonly weight: number | null;
  /** In percent of the requests of users; null without any. */
  readonly measured: number | null;
  readonly figures: Figures;
}

/** The new release, then the old one, where there was one. */
export function watchedSides(watch: Watched): readonly WatchedSide[] {
  const { newRelease, oldRelease, weight = null } = watch;
  const measured = shareOfNew(watch);
  const rest = (percent: number | null): number | null => (percent === null ? null : 100 - percent);
  return [
    { name: 'new', weight, measured, figures: newRelease },
    ...(oldRelease === null
      ? []
      : [{ name: 'old' as const, weight: rest(weight), measured: rest(measured), figures: oldRelease }]),
  ];
}

type Watched = Omit<DeploymentStatus['watches'][number], 'weight'> & { readonly weight?: number };
