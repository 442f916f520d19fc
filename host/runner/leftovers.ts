/** What an ended instance leaves running, in its process group or out of it: it may hold the port, and runs old code. */
import { endGroupOf, groupMembers } from '../../system/process-group';
import { identify, type ProcessIdentity } from '../../system/process-identity';
import { endStrays, straysOf, strayWords, type Origin, type Stray } from '../../system/strays';

/** It gets so long to end by itself. */
const GRACE_MS = 2_000;

/** Ends it all. Answers who was there, in words; null: nobody. @throws Error that names what goes on after SIGKILL. */
export async function clearLeftovers(leader: ProcessIdentity | null, origin: Origin): Promise<string | null> {
  const found = new Map(straysOf(origin).map((stray) => [stray.pid, stray]));
  for (const { pid } of leader === null ? [] : groupMembers(leader))
    if (!found.has(pid)) found.set(pid, { pid, started: identify(pid)?.started ?? '', name: 'in its group' });
  if (leader !== null) await endGroupOf(leader, GRACE_MS);
  for (const stray of await endStrays(origin, GRACE_MS)) found.set(stray.pid, stray);
  const all: Stray[] = [...found.values()];
  return all.length === 0 ? null : strayWords(all);
}
