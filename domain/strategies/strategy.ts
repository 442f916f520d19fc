import type { OnInsufficient } from '../spec/spec';

/** A strategy yields a list of steps; the workflow walks the list and knows no strategy by name. */
export type StrategyStep =
  | { readonly kind: 'stop-old' }
  | {
      readonly kind: 'make-room';
      /** Instances of the old release that stay, of so many. */ readonly old: number;
      readonly of: number;
    }
  | {
      readonly kind: 'start';
      /** Missing: all. */
      readonly instances?: number;
      /** Instances of the old release that serve meanwhile, where some made room; missing: all of them. */
      readonly beside?: number;
    }
  | { readonly kind: 'smoke' }
  | { readonly kind: 'integration' }
  /** More instances of the new release, before it gets that share. */
  | { readonly kind: 'scale'; readonly percent: number; readonly instances: number }
  /** Fewer of the old release, and then more of the new one, which gets that share. */
  | { readonly kind: 'replace'; readonly percent: number; readonly old: number; readonly instances: number }
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

/**
 * From such a step on, users may meet an unproven release, or none at all, until it is proven: nothing may wait in between but
 * within a watch.
 */
export const EXPOSES = {
  'stop-old': true,
  'make-room': false,
  start: false,
  smoke: false,
  integration: false,
  scale: false,
  replace: true,
  shift: true,
  watch: false,
  'rehearse-back': false,
  'rehearse-forth': true,
  prove: false,
} satisfies Record<StrategyStep['kind'], boolean>;
