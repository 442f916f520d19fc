/** What a diagnosis is asked with. */
import type { Why } from '../domain/words';
import type { ReleaseRef } from './contract';

export interface DiagnoseRequest extends ReleaseRef {
  readonly oldRelease: string | null;
  /** The counters when it got traffic; null: counted from when the router started. */
  readonly mark: unknown;
  /** What the watch measured, where one ended it. */
  readonly why: Why | null;
}
