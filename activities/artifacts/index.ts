/** The artifacts of applications, known by their digests. */
import { createFolderStore } from './folder';
import type { Home } from '../../system/home';
import type { ArtifactStore } from '../artifact-store';

export const createArtifactStore = ({ home }: { readonly home: Home }): ArtifactStore => createFolderStore(home);
