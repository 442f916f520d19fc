/** One thing that was looked at on this machine. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  /** What was looked at: the same every time, so that it can be searched for. */
  readonly what: string;
  readonly text: string;
  /** What to do about it; null when there is nothing to do. */
  readonly next: string | null;
}

export const ok = (what: string, text: string): Finding => ({ level: 'ok', what, text, next: null });
export const warning = (what: string, text: string, next: string): Finding => ({ level: 'warning', what, text, next });
export const failing = (what: string, text: string, next: string): Finding => ({ level: 'error', what, text, next });
