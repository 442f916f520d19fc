/** Which repository a folder belongs to, as far as that can be told: by the remote `origin`, else by the folder itself. */
import { realpath } from 'node:fs/promises';
import { remoteName } from '../../domain/policy/remote';
import type { RepositoryId } from '../../domain/policy/policy';
import { fail } from '../failure';
import { openRepository } from './repository';

/** @throws `NoSource` when git cannot read what lies there. */
export async function repositoryId(directory: string): Promise<RepositoryId> {
  const folder = await realpath(directory).catch((cause: unknown) => {
    throw fail('NoSource', `there is no folder ${directory} on the machine that builds. Next: check the path`, {
      cause,
    });
  });
  const repository = await openRepository(directory);
  if (repository === null) return { remote: null, path: '', folder };
  const { git, prefix } = repository;
  const origin = await git.text(['config', '--local', '--get', 'remote.origin.url']).catch(() => ''); // there is none
  return { remote: remoteName(origin), path: prefix, folder };
}
