/** Which specs were written here, so that the next application does not get the ports of one that nobody has deployed yet. */
import { readJson, writeJson } from '../system/durable-file';
import { initialisedFile, type Home } from '../system/home';
import { loadSpec } from './spec-file';

const MOST = 200;

/** Ports in the specs that `init` wrote on this machine, but for that file; specs that are gone or wrong have none. */
export async function initialisedPorts(home: Home, but: string): Promise<readonly number[]> {
  const known = await filesIn(home);
  const read = await Promise.all(known.filter((file) => file !== but).map((file) => loadSpec(file)));
  return read.flatMap((each) =>
    each.kind === 'read' ? each.spec.environments.map(({ traffic }) => traffic.listen.port) : [],
  );
}

/** Never throws: a home that cannot be written costs nothing but the memory. */
export async function rememberInitialised(home: Home, file: string): Promise<void> {
  const known = (await filesIn(home)).filter((each) => each !== file);
  await writeJson(initialisedFile(home), [...known, file].slice(-MOST)).catch(() => undefined); // another one may write it too
}

async function filesIn(home: Home): Promise<readonly string[]> {
  const list = await readJson<unknown>(initialisedFile(home)).catch(() => null); // it is no more than a memory
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [];
}
