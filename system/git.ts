/**
 * Runs git in folders of others: arguments as an array, git's own check of ownership, and nothing that the settings of a repository
 * name as a program. What the person's own settings say of files (ignored ones, line ends, filters) counts as in their own git.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnvironment } from './run-command';

export class GitError extends Error {
  override readonly name = 'GitError';
  constructor(
    message: string,
    readonly code: number | null,
  ) {
    super(message);
  }
}

export interface Git {
  /** Standard output. @throws GitError when it ends with another code than 0. */
  run(args: readonly string[], input?: string | Buffer): Promise<Buffer>;
  /** Output as text without its last line break. */
  text(args: readonly string[]): Promise<string>;
  /** Output of a `-z` command as its parts. */
  list(args: readonly string[]): Promise<string[]>;
  start(args: readonly string[]): ChildProcessWithoutNullStreams;
}

/** Each names a program in some command of git's, or leads to one; the last of two settings counts, and these come last. */
const NO_PROGRAMS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.untrackedCache=false',
  'core.pager=cat',
  'core.editor=false',
  'core.askPass=false',
  'core.sshCommand=false',
  'core.gitProxy=false',
  'credential.helper=',
  'diff.external=',
  'gpg.program=false',
  'submodule.recurse=false',
  // A folder of the source may look like a repository without a working tree, settings and all.
  'safe.bareRepository=explicit',
] as const;

/** No protocol at all: a repository that lacks objects would fetch them, by a program that its settings name. */
const ENVIRONMENT = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  // Pathspecs are names, not patterns: a file may be called `:(top)*`.
  GIT_LITERAL_PATHSPECS: '1',
};

/** What of a person's own settings decides which files are changed; none of it comes from the repository. */
const PERSONAL = /^(core\.(excludesfile|attributesfile|autocrlf|eol)|safe\.directory)$/;
const FILTER = /^(filter\.([^]+)\.)(?:clean|smudge|process|required)$/;
/** Git LFS runs programs that the repository's settings name (`lfs.extension`); its files are compared by their digests instead. */
const LARGE_FILES = 'lfs';

/**
 * Git for one folder, by the settings as they are now.
 * @throws GitError when git is not there, or a setting of the repository cannot be taken out of force.
 */
export async function gitIn(folder: string): Promise<Git> {
  const settings = [...NO_PROGRAMS, ...(await ownSettings(folder))];
  const start: Git['start'] = (args) => startGit(folder, ['--no-pager', ...settings.flatMap(asOption), ...args]);
  const run: Git['run'] = (args, input) => finish(start(args), args[0] ?? '', input);
  const text: Git['text'] = async (args) => (await run(args)).toString('utf8').replace(/\n$/, '');
  return {
    start,
    run,
    text,
    list: async (args) => parts(await run(args)),
  };
}

/** The person's settings of files; and every filter that the repository has settings for, as the person has it, or empty. */
async function ownSettings(folder: string): Promise<string[]> {
  const [personal, all] = await Promise.all([settingsOf(folder, { GIT_DIR: '/dev/null' }), settingsOf(folder, {})]);
  const own = personal.filter(({ key }) => PERSONAL.test(key) || isTrusted(key));
  const has = new Set(own.map(({ key }) => key));
  const prefixes = new Set(all.flatMap(({ key }) => FILTER.exec(key)?.[1] ?? []));
  const emptied = [...prefixes].flatMap((prefix) => {
    if (prefix.includes('=')) throw new GitError(`the setting ${prefix}* of the repository cannot be left out`, null);
    const named = new Set(all.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => key));
    return [...named].filter((key) => !has.has(key)).map((key) => `${key}=${key.endsWith('.required') ? 'false' : ''}`);
  });
  return [...own.map(({ key, value }) => `${key}=${value}`), ...emptied];
}

const isTrusted = (key: string): boolean => {
  const prefix = FILTER.exec(key)?.[2];
  return prefix !== undefined && prefix !== LARGE_FILES && !prefix.includes('=');
};

/** Reading settings runs nothing, whatever they say. */
async function settingsOf(folder: string, env: Record<string, string>): Promise<{ key: string; value: string }[]> {
  const child = startGit(folder, ['--no-pager', 'config', '--includes', '--list', '-z'], {
    GIT_CONFIG_NOSYSTEM: '0',
    ...env,
  });
  return parts(await finish(child, 'config')).map((row) => {
    const [key = '', ...value] = row.split('\n');
    return { key, value: value.join('\n') };
  });
}

function startGit(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = { GIT_CONFIG_GLOBAL: '/dev/null' },
): ChildProcessWithoutNullStreams {
  const child = spawn('git', ['-C', folder, ...args], {
    env: { ...cleanEnvironment(), ...sudoUser(), ...ENVIRONMENT, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return child.on('error', () => undefined); // who waits for its end is told, once; one that comes later has no listener
}

/** Root under sudo may use the repositories of who called it, as git itself has it. */
function sudoUser(): Record<string, string> {
  const uid = process.env['SUDO_UID'];
  return uid === undefined ? {} : { SUDO_UID: uid };
}

async function finish(
  child: ChildProcessWithoutNullStreams,
  name: string,
  input: string | Buffer = '',
): Promise<Buffer> {
  const out = collect(child.stdout, LONGEST_OUTPUT, () => child.kill('SIGKILL'));
  const err = collect(child.stderr, LONGEST_ERROR);
  child.stdin.on('error', () => undefined); // it ended before it read all: its exit code says why
  child.stdin.end(input);
  const [code] = (await once(child, 'close').catch(notStarted)) as [number | null];
  if (code !== 0) throw new GitError(`git ${name}: ${err().toString('utf8').trim() || `exit code ${code}`}`, code);
  return out();
}

/** Lists of names, and the history that builds ask for: a repository of a million files lists about 100 MB. */
const LONGEST_OUTPUT = 512 * 1024 * 1024;
const LONGEST_ERROR = 64 * 1024;

/** What is written beyond `most` bytes is not kept. @param onMore told when there is more */
function collect(stream: NodeJS.ReadableStream, most: number, onMore?: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
    else onMore?.();
  });
  stream.on('error', () => undefined); // what came before it is kept; the exit code says the rest
  return () => Buffer.concat(chunks);
}

const asOption = (setting: string): string[] => ['-c', setting];

const parts = (output: Buffer): string[] =>
  output
    .toString('utf8')
    .split('\0')
    .filter((part) => part !== '');

/** For `once(child, …).catch`: @throws GitError in words. */
export function notStarted(error: NodeJS.ErrnoException): never {
  if (error.code === 'ENOENT') throw new GitError('the program `git` is not on the PATH; install it', null);
  throw error;
}
