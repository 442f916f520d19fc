/** What building needs. */
import type { Home } from '../../system/home';
import type { ArtifactStore } from '../artifact-store';

export interface BuildDeps {
  readonly home: Home;
  readonly artifacts: ArtifactStore;
  /** What one work folder may take on the disk, in bytes; 2 GB by default. */
  readonly quotaBytes?: number;
}
