/** A strategy yields a list of steps; the workflow walks the list and knows no strategy by name. */
export type StrategyStep =
  | { readonly kind: 'stop-old' }
  | { readonly kind: 'start' }
  | { readonly kind: 'smoke' }
  | { readonly kind: 'integration' }
  | { readonly kind: 'shift'; readonly percent: number }
  | { readonly kind: 'watch'; readonly forMs: number }
  | { readonly kind: 'prove' };
