/**
 * What was done with secrets, until it stands in the audit log: secrets are set where no engine runs yet. Written down before it is done,
 * so that nothing is done without its entry, and known to be ours by an HMAC.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { AuditEntry } from '../domain/audit';
import { readAuthentic, writeAuthentic } from './authentic';
import type { Home } from './home';
import { withLock } from './lock';

const WAIT_MS = 10_000;
const CONTEXT = 'secrets/journal';
/** What was begun so long ago was cut off. */
const CUT_OFF_MS = 60_000;

/** Never with a value. */
export interface SecretDeed {
  /** Whose secret it is; `*`: of all. */
  readonly app: string;
  readonly actor: string;
  /** Such as `secret.set`. */
  readonly action: string;
  readonly environment: string | null;
  readonly summary: string;
  readonly facts: AuditEntry['facts'];
}

export interface SecretEntry extends SecretDeed {
  readonly id: string;
  /** ISO. */
  readonly at: string;
  /** false: it was begun, and nobody knows yet how it ended. */
  readonly done: boolean;
}

/** Does it, and keeps what was done for the audit log; what failed leaves nothing. @param factsOf what is known only afterwards */
export async function noted<T>(
  home: Home,
  deed: SecretDeed,
  {
    act,
    factsOf = () => ({}),
  }: { readonly act: () => Promise<T>; readonly factsOf?: (done: T) => AuditEntry['facts'] },
): Promise<T> {
  const id = randomUUID();
  const entry: SecretEntry = { ...deed, id, at: new Date().toISOString(), done: false };
  await change(home, (entries) => [...entries, entry]);
  const end = (ended: SecretEntry | null): Promise<void> =>
    change(home, (entries) => entries.flatMap((one) => (one.id === id ? (ended ?? []) : one)));
  try {
    const answer = await act();
    await end({ ...entry, done: true, facts: { ...deed.facts, ...factsOf(answer) } });
    return answer;
  } catch (error) {
    await end(null);
    throw error;
  }
}

/**
 * Gives what was done since to `write`, and forgets it afterwards: an entry may come twice, by its `id`.
 * @throws what `write` throws; everything is kept then.
 */
export async function drainJournal(
  home: Home,
  write: (entries: readonly SecretEntry[]) => Promise<void>,
): Promise<void> {
  if ((await readAuthentic(home, fileOf(home), CONTEXT)).kind === 'absent') return;
  await change(home, async (entries) => {
    const [ripe, open] = [entries.filter(isRipe), entries.filter((entry) => !isRipe(entry))];
    if (ripe.length > 0) await write(ripe);
    return open;
  });
}

const isRipe = ({ done, at }: SecretEntry): boolean => done || Date.now() - Date.parse(at) > CUT_OFF_MS;

const fileOf = (home: Home): string => path.join(home.root, 'secrets-journal.json');

type Entries = readonly SecretEntry[];

async function change(home: Home, edit: (entries: Entries) => Entries | Promise<Entries>): Promise<void> {
  const file = fileOf(home);
  await withLock(`${file}#journal`, WAIT_MS, async () => {
    const before = await read(home);
    const after = await edit(before);
    if (after.length > 0 || before.length > 0) await writeAuthentic(home, file, CONTEXT, after);
  });
}

/** One that somebody else wrote is said, and not believed. */
async function read(home: Home): Promise<Entries> {
  const note = await readAuthentic<Entries>(home, fileOf(home), CONTEXT);
  if (note.kind === 'known') return note.value;
  return note.kind === 'absent' ? [] : [forged()];
}

const forged = (): SecretEntry => ({
  id: randomUUID(),
  at: new Date().toISOString(),
  done: true,
  app: '*',
  actor: 'mvca',
  action: 'secrets.journal-changed',
  environment: null,
  summary: 'what was done with secrets since the last entry is not known: its journal was changed by something else',
  facts: {},
});
