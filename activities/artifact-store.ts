/** Where artifacts are kept: what the store (see `artifacts/`) promises to the activities that build and start. */
import type { Artifact } from '../domain/source';

export interface ArtifactStore {
  /** Stores the bytes under their digest, whole or not at all; repeatable. Seconds. */
  put(
    kind: Artifact['kind'],
    content: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly digest: string; readonly bytes: number }>;
  /**
   * The file with the artifact's bytes, which were read and compared with the digest just now. Repeatable. Seconds.
   * @throws `ArtifactDamaged` when they differ, or are not there.
   */
  open(artifact: Pick<Artifact, 'digest' | 'kind'>): Promise<string>;
  /** What those inputs gave before; null when they were not built on this machine, or what they gave is damaged or gone. Seconds. */
  find(inputs: string): Promise<Build | null>;
  /** Why a note about those inputs is not believed, in words; null: there is none, or it is. Milliseconds. */
  doubt(inputs: string): Promise<string | null>;
  /** Notes what the inputs gave. Repeatable. Milliseconds. */
  note(build: Build): Promise<void>;
}

/** What one build gave. */
export interface Build {
  readonly format: 1;
  readonly inputs: string;
  readonly digest: string;
  readonly kind: Artifact['kind'];
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly warnings: readonly string[];
  /** Whether a deployment has taken it: the first one built it, the later ones found it. */
  readonly taken: boolean;
}
