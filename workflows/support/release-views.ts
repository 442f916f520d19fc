/** The releases as people see them: the weight that was set beside the share that was measured. */
import type { DeploymentStatus, ReleaseView } from '../../domain/deployment';
import type { Tier, Weights } from '../../domain/words';
import type { Mutable } from './new-status';

export abstract class ReleaseViews {
  abstract readonly status: Mutable<DeploymentStatus>;
  abstract show(): void;

  /** The weights as they are now. What was measured before says nothing of the time after a change. */
  setWeights(environment: Tier, weights: Weights): void {
    this.changeIn(environment, (view) => ({ ...view, weight: weights[view.release] ?? 0, measured: null }));
  }

  /** The shares of the traffic that a watch measured, in percent; null where nobody asked anything. */
  setMeasured(environment: Tier, shares: Readonly<Record<string, number | null>>): void {
    this.changeIn(environment, (view) => ({ ...view, measured: shares[view.release] ?? null }));
  }

  setRelease(view: ReleaseView): void {
    this.dropRelease(view.environment, view.release);
    this.status.releases = [...this.status.releases, view];
  }

  dropRelease(environment: Tier, release: string): void {
    this.status.releases = this.status.releases.filter(
      (view) => view.environment !== environment || view.release !== release,
    );
  }

  private changeIn(environment: Tier, change: (view: ReleaseView) => ReleaseView): void {
    this.status.releases = this.status.releases.map((view) => (view.environment === environment ? change(view) : view));
    this.show();
  }
}
