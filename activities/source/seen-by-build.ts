/** What of a source the build sees, and what it is told: a deployment that changes nothing of it builds nothing again. */
import { createHash } from 'node:crypto';
import { isApart } from '../../domain/build/inputs';
import type { Stored } from '../../system/content-store';
import type { SnapshotRequest } from '../contract';
import { readTar } from '../unpack';
import { SPEC_FILE, type Source } from './source';

export interface Seen {
  /** `sha256:…` of the files. */
  readonly digest: string;
  readonly commit: string | null;
  readonly tag: string | null;
  /** The file that it does not see; null: it sees all. */
  readonly apart: string | null;
}

/** @param tag that the version has; it counts although the commit may have changed nothing else. */
export async function seenByBuild(
  source: Source,
  request: SnapshotRequest,
  { stored, tag }: { readonly stored: Stored; readonly tag: string | null },
): Promise<Seen> {
  const { file = SPEC_FILE, git, build } = request;
  const { commit, entries } = source;
  // What holds nothing else would leave an empty artifact.
  const isBeside = entries.length > 1 && entries.some(({ kind, path }) => kind === 'file' && path === file);
  if (!isBeside || git || !isApart(file, build)) return { digest: stored.digest, commit, tag, apart: null };
  const change = (await source.lastChange?.(file)) ?? null;
  return {
    digest: await digestWithout(stored.file, file),
    commit: change?.commit ?? commit,
    tag: tag ?? change?.tag ?? null,
    apart: file,
  };
}

/** From the bytes that were stored, and not from the folder: it may have changed since. */
async function digestWithout(archive: string, left: string): Promise<string> {
  const hash = createHash('sha256');
  await readTar(archive, {
    add: async ({ path, kind, mode, size, target }, content) => {
      if (path === left) return;
      hash.update(JSON.stringify([path, kind, mode, size, target]));
      for await (const chunk of content) hash.update(chunk);
    },
  });
  return `sha256:${hash.digest('hex')}`;
}
