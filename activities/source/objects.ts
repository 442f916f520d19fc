/** What is read of a repository without a working tree: where it is, and its objects. */
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { GitError, notStarted, type Git } from '../../system/git';

/** An object is held whole in memory. */
const LARGEST = 512 * 1024 * 1024;

/** Reads objects, one after another, from one `git cat-file --batch`. */
export interface ObjectReader {
  read(id: string): Promise<Buffer>;
  close(): void;
}

export function openObjects(git: Git): ObjectReader {
  const child = git.start(['cat-file', '--batch']);
  const ended = once(child, 'close').catch(notStarted);
  ended.catch(() => undefined); // thrown by the read that waits
  child.stdin.on('error', () => undefined); // the read that waits learns it
  child.stdout.on('error', () => undefined); // as here
  child.stderr.on('error', () => undefined).resume(); // full, it would hold git up
  const chunks = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  const more = async (): Promise<Buffer> => {
    const next = await chunks.next();
    if (next.done === true) throw new GitError('git cat-file ended early', child.exitCode);
    return next.value;
  };
  const take = async (size: number): Promise<Buffer> => {
    const parts: Buffer[] = [rest];
    let have = rest.length;
    while (have < size) {
      const chunk = await more();
      parts.push(chunk);
      have += chunk.length;
    }
    const all = parts.length === 1 ? rest : Buffer.concat(parts, have);
    rest = all.subarray(size);
    return all.subarray(0, size);
  };
  const line = async (): Promise<string> => {
    while (!rest.includes(10)) rest = Buffer.concat([rest, await more()]);
    const text = (await take(rest.indexOf(10) + 1)).toString('utf8');
    return text.slice(0, -1);
  };
  return {
    read: async (id) => {
      child.stdin.write(`${id}\n`);
      const header = await line();
      const size = Number(/^[0-9a-f]+ \w+ (\d+)$/.exec(header)?.[1] ?? NaN);
      if (Number.isNaN(size))
        throw new GitError(`the repository lacks an object: ${header}. Next: git fsck, or git fetch`, null);
      if (size > LARGEST)
        throw new GitError(`the object ${id} has ${size} bytes, and at most ${LARGEST} are taken`, null);
      return (await take(size + 1)).subarray(0, size);
    },
    close: () => child.stdin.end(),
  };
}

/** The nearest folder upwards that holds `.git`, or null. */
export async function gitAbove(directory: string): Promise<string | null> {
  for (let at = directory; ; at = path.dirname(at)) {
    if (
      await access(path.join(at, '.git')).then(
        () => true,
        () => false,
      )
    )
      return at;
    if (path.dirname(at) === at) return null;
  }
}
