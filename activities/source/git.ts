/** Runs git: arguments as an array, nobody's settings but the repository's own, no hook and no prompt. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment } from '../../system/run-command';

export class GitError extends Error {
  override readonly name = 'GitError';
  constructor(
    message: string,
    readonly code: number | null,
  ) {
    super(message);
  }
}

/**
 * `safe.directory`: git refuses a repository of another user because its settings can run programs. The folder was named by a
 * person as the source whose build runs next, as the same user, so that refusal would protect nothing here.
 */
const SETTINGS = ['safe.directory=*', 'core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.untrackedCache=false'];

/** Pathspecs are names, not patterns: a file may be called `:(top)*`. */
const ENVIRONMENT = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_LITERAL_PATHSPECS: '1',
};

function start(
  folder: string,
  args: readonly string[],
  settings: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  const options = [...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]);
  return spawn('git', ['-C', folder, ...options, ...args], {
    env: { ...cleanEnvironment(), ...ENVIRONMENT, GIT_CONFIG_GLOBAL: '/dev/null' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Standard output of `git <args>` in `folder`. @throws GitError when it ends with another code than 0. */
export async function git(
  folder: string,
  args: readonly string[],
  options: { readonly input?: string | Buffer; readonly settings?: readonly string[] } = {},
): Promise<Buffer> {
  const child = start(folder, args, options.settings);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  child.stdin.on('error', () => undefined); // it ended before it read all: its exit code says why
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close').catch(notStarted)) as [number | null];
  if (code !== 0)
    throw new GitError(`git ${args[0] ?? ''}: ${err().toString('utf8').trim() || `exit code ${code}`}`, code);
  return out();
}

/** Output as text without its last line break. */
export async function gitText(folder: string, args: readonly string[]): Promise<string> {
  return (await git(folder, args)).toString('utf8').replace(/\n$/, '');
}

/** Output of a `-z` command as its parts. */
export async function gitList(
  folder: string,
  args: readonly string[],
  settings: readonly string[] = [],
): Promise<string[]> {
  return (await git(folder, args, { settings }))
    .toString('utf8')
    .split('\0')
    .filter((part) => part !== '');
}

/** The ignore file that the person's own git uses everywhere: what `git status` does not show them, is not shown to them here. */
export async function personalIgnores(folder: string): Promise<readonly string[]> {
  const child = spawn('git', ['-C', folder, 'config', '--global', '--type=path', '--get', 'core.excludesFile'], {
    env: { ...cleanEnvironment(), ...ENVIRONMENT },
  });
  const out = collect(child.stdout);
  child.stdin.end();
  await once(child, 'close').catch(() => undefined); // no git, or no such setting: the same
  const file = out().toString('utf8').replace(/\n$/, '');
  return file === '' ? [] : [`core.excludesFile=${file}`];
}

/** Reads objects, one after another, from one `git cat-file --batch`. */
export interface ObjectReader {
  read(id: string): Promise<Buffer>;
  close(): void;
}

export function openObjects(folder: string): ObjectReader {
  const child = start(folder, ['cat-file', '--batch']);
  const ended = once(child, 'close').catch(notStarted);
  ended.catch(() => undefined); // thrown by the read that waits
  child.stdin.on('error', () => undefined); // the read that waits learns it
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
      if (Number.isNaN(size)) throw new GitError(`the repository lacks an object: ${header}; run: git fsck`, null);
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

function collect(stream: NodeJS.ReadableStream): () => Buffer {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks);
}

function notStarted(error: NodeJS.ErrnoException): never {
  if (error.code === 'ENOENT') throw new GitError('the program `git` is not on the PATH; install it', null);
  throw error;
}
