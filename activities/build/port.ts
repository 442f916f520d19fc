/** What building needs. */
import type { Home } from '../../system/home';
import type { ArtifactStore } from '../artifact-store';

export interface BuildDeps {
  readonly home: Home;
  readonly artifacts: ArtifactStore;
  /** What one work folder may take on the disk, in bytes; 2 GB by default. */
  readonly quotaBytes?: number;
  /** What all processes of a command may use, in bytes; three quarters of the machine's memory by default. */
  readonly memoryBytes?: number;
  /** Folders of this machine that every application's commands may use beside their own. */
  readonly shared?: readonly string[];
}
