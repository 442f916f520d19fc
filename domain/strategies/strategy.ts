import type { OnInsufficient } from '../spec/spec';

/** A strategy yields a list of steps; the workflow walks the list and knows no strategy by name. */
export type StrategyStep =
  | { readonly kind: 'stop-old' }
  | { readonly kind: 'start' }
  | { readonly kind: 'smoke' }
  | { readonly kind: 'integration' }
  | { readonly kind: 'shift'; readonly percent: number }
  | {
      readonly kind: 'watch';
      readonly forMs: number;
      /** Beside the old release, at this share of the traffic; without it the new release has all. */
      readonly percent?: number;
      /** What happens when it stays inconclusive; without it a person is waited for. */
      readonly onInsufficient?: OnInsufficient;
    }
  /** All traffic to the old release, which is watched for so long; and to the new one again. */
  | { readonly kind: 'rehearse-back'; readonly forMs: number }
  | { readonly kind: 'rehearse-forth'; readonly forMs: number }
  | { readonly kind: 'prove' };
