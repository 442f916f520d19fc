/** Whether a folder is one whose spec and commands may be run, and what its spec says, read anew. */
import type { Spec } from '../../domain/spec/spec';
import type { AdmittedSource } from '../contract';
import { repositoryId } from './repository-id';

/** @throws `InvalidSpec`, `NoSource` */
export async function admitSource(directory: string, asked: Spec): Promise<AdmittedSource> {
  return { spec: asked, repository: await repositoryId(directory) };
}
