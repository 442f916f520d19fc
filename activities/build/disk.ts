/** How much room there is, and how much is used. */
import { lstat, mkdir, readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { fail } from '../failure';

const MB = 1024 * 1024;
/** A build needs this much at the least: an installed application and its artifact. */
const LEAST_FREE = 256 * MB;

export const megabytes = (bytes: number): string => `${Math.round(bytes / MB).toLocaleString('en')} MB`;

/** Bytes that an ordinary user may still write to the disk of `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws `BuildFailed` when the disk has too little room for a source of `bytes`: its copies, its dependencies, its artifact. */
export async function refuseFullDisk(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [free, wanted] = [await freeBytes(folder), Math.max(LEAST_FREE, 4 * bytes)];
  if (free >= wanted) return;
  throw fail(
    'BuildFailed',
    `the disk of ${folder} has ${megabytes(free)} free, and a build needs ${megabytes(wanted)}. ${DISK_NEXT}`,
  );
}

export const DISK_NEXT = 'Next: free space, or set MVCA_HOME to a folder on another disk';

/** Bytes that a folder takes on the disk; what vanishes while it is counted does not count. */
export async function usedBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // gone, or closed to us
  let sum = 0;
  for (let at = 0; at < entries.length; at += 64) {
    const sizes = await Promise.all(
      entries.slice(at, at + 64).map((entry) => {
        const place = path.join(folder, entry.name);
        return entry.isDirectory()
          ? usedBytes(place)
          : lstat(place).then(
              (stats) => stats.blocks * 512,
              () => 0,
            );
      }),
    );
    sum += sizes.reduce((total, size) => total + size, 0);
  }
  return sum;
}

/** Calls `onOver` once when the folder has grown over `limit`. Looks every second, and seldom where looking takes long. */
export function watchSize(folder: string, limit: number, onOver: (bytes: number) => void): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const look = async () => {
    const begun = performance.now();
    const used = await usedBytes(folder);
    if (stopped) return;
    if (used > limit) return onOver(used);
    timer = setTimeout(() => void look(), Math.max(1_000, 10 * (performance.now() - begun)));
  };
  timer = setTimeout(() => void look(), 1_000);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
