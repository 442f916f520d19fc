/** A source that was found and not yet packed. */
import type { PackEntry } from '../pack';

/** The spec, where nobody names another file. */
export const SPEC_FILE = 'deployment.yaml';

export interface Source {
  readonly entries: readonly PackEntry[];
  readonly commit: string | null;
  /** See `lastChange` in repository.ts; missing where there is no commit. */
  lastChange?(apart: string): Promise<{ readonly commit: string; readonly tag: string | null } | null>;
  /** Tags at HEAD, the highest version first. */
  readonly tags: readonly string[];
  readonly dirty: boolean;
  readonly warnings: readonly string[];
  /** Must be called when the entries were read, or will not be. */
  close(): Promise<void>;
}
