/** What still runs of a home: processes that were told of it, or hold a file in it open. Linux: proc(5). */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** Every process but this one with `root` in its command line or environment, or with an open file or working folder in it. */
export async function processesOf(root: string): Promise<readonly Leftover[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(pids.map((pid) => look(pid, root)));
  return found.filter((leftover) => leftover !== null);
}

async function look(pid: string, root: string): Promise<Leftover | null> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(gone(''));
  if (command === '') return null; // ended meanwhile, or the kernel's own
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(gone(''));
  const belongs = [command, environment, ...(await places(pid))].some((text) => text.includes(root));
  return belongs ? { pid: Number(pid), command: command.replaceAll('\0', ' ').trim() } : null;
}

async function places(pid: string): Promise<readonly string[]> {
  const files = await readdir(`/proc/${pid}/fd`).catch(gone([]));
  const links = [`/proc/${pid}/cwd`, ...files.map((file) => `/proc/${pid}/fd/${file}`)];
  return Promise.all(links.map((link) => readlink(link).catch(gone(''))));
}

/** A process that ends between two looks, or belongs to another user, tells nothing. */
const gone =
  <T>(nothing: T) =>
  (): T =>
    nothing;
