/** The version of what lies in a home. Newer and foreign content is refused before anything is touched. */
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { readJson, writeJson } from '../system/durable-file';
import { initialisedFile, type Home } from '../system/home';
import { isLockFile } from '../system/lock';
import { EngineRefusal } from './engine';
import { formatFile } from './places';

type Migration = (home: Home) => Promise<void>;

/** `MIGRATIONS[n]` takes format n + 1 to n + 2; each may be repeated, since it may be killed half-way. */
const MIGRATIONS: readonly Migration[] = [];

export const HOME_FORMAT = 1;

/**
 * Makes the home and its format file where missing, and carries an older format over.
 * @throws EngineRefusal for a newer or unknown format, another user's home, or a folder that is not a home.
 */
export async function prepareHome(home: Home, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  await refuseForeign(home);
  const current = HOME_FORMAT + migrations.length - MIGRATIONS.length;
  const found = await homeFormat(home);
  if (found !== null && found > current) {
    throw new EngineRefusal(
      `${home.root} has format ${found}, and this version knows formats up to ${current}: use the newer mvca that made it, or another MVCA_HOME`,
    );
  }
  await mkdir(home.root, { recursive: true, mode: 0o700 });
  await chmod(home.root, 0o700);
  await mkdir(home.engine, { recursive: true, mode: 0o700 });
  if (found === null) return writeJson(formatFile(home), { format: current });
  for (let format = found; format < current; format += 1) {
    await migrations[format - 1]?.(home);
    await writeJson(formatFile(home), { format: format + 1 });
  }
}

/** null: no format file. @throws EngineRefusal when the file says nothing that we know. */
export async function homeFormat(home: Home): Promise<number | null> {
  const file = formatFile(home);
  const content = await readJson<{ format?: unknown } | null>(file).catch((cause: unknown) => {
    throw new EngineRefusal(`${file} cannot be read as a format: restore it from a backup, or use another MVCA_HOME`, {
      cause,
    });
  });
  if (content === null) return null;
  const { format } = content;
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) {
    throw new EngineRefusal(
      `${file} holds the unknown format ${JSON.stringify(format)}: restore it from a backup, or use another MVCA_HOME`,
    );
  }
  return format;
}

async function refuseForeign(home: Home): Promise<void> {
  const uid = process.getuid?.() ?? 0;
  const found = await stat(home.root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new EngineRefusal(`${home.root} cannot be used as a home (${error.message}): set another MVCA_HOME`);
  });
  if (found === null) return;
  if (!found.isDirectory()) throw new EngineRefusal(`${home.root} is not a folder: set another MVCA_HOME`);
  if (found.uid !== uid) {
    throw new EngineRefusal(
      `${home.root} belongs to another user (uid ${found.uid}, this is uid ${uid}): run as that user, or set another MVCA_HOME`,
    );
  }
  const written = path.basename(initialisedFile(home));
  const entries = (await readdir(home.root)).filter((entry) => !isLockFile(entry) && entry !== written);
  const ours = new Set(['format.json', ...foldersOf(home)]);
  if (entries.length > 0 && !entries.some((entry) => ours.has(entry))) {
    throw new EngineRefusal(
      `${home.root} holds other things (${entries.slice(0, 3).join(', ')}): set MVCA_HOME to an empty folder`,
    );
  }
}

const foldersOf = (home: Home): string[] =>
  Object.entries(home)
    .filter(([name]) => name !== 'root')
    .map(([, folder]) => path.basename(String(folder)));
