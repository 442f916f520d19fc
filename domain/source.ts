/** What is known of an application's source and of what was built from it. */

export interface Snapshot {
  /** SHA-256 of the snapshot's bytes, `sha256:…`; the snapshot is kept in the store under it. */
  readonly digest: string;
  /** SHA-256 over everything that decides what a build yields: the files that it sees, build section, Node version, platform. */
  readonly inputs: string;
  /** The spec's file, which neither the build nor the artifact sees; missing: they see all files. */
  readonly apart?: string;
  readonly version: string;
  readonly commit: string | null;
  readonly tag: string | null;
  /** What the build is told that it is made from, where that is not commit and tag. */
  readonly told?: { readonly commit: string | null; readonly tag: string | null };
  readonly dirty: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly warnings: readonly string[];
}

export interface Artifact {
  /** SHA-256 of the artifact's bytes, `sha256:…`. */
  readonly digest: string;
  readonly inputs: string;
  readonly kind: 'tar' | 'zip';
  readonly files: number;
  readonly bytes: number;
  /** false: the same inputs had been built before. */
  readonly built: boolean;
  readonly seconds: number;
  readonly warnings: readonly string[];
}
