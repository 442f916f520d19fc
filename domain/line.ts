/** The line of those that wait until an application's running deployment has ended. Decisions only: who is next, and who has left. */
import type { AuditEntry } from './audit';

export interface Place {
  readonly id: string;
  readonly kind: 'deploy' | 'rollback';
  /** null: the source says it, or the one before. */
  readonly version: string | null;
  readonly requester: string;
  /** `supersede`: before all that wait, and the running one is asked to make room. */
  readonly mode: 'queue' | 'supersede';
  /** ISO. */
  readonly joinedAt: string;
  /** ISO; it leaves then. */
  readonly deadline: string;
  readonly state: 'waiting' | 'started' | 'left';
  /** Run of its deployment, once it has started. */
  readonly run: string | null;
  /** Why it left. */
  readonly reason: string | null;
}

/** One entry of the audit log; who did it knows the caller. */
export type Told = Pick<AuditEntry, 'action' | 'summary' | 'facts'>;

/** So many that started or left are remembered, for those who ask what became of them. */
const REMEMBERED = 20;

/** Adds one; a newer `supersede` takes the place of one that waits. Whoever is there already is not added again. */
export function join<P extends Place>(places: readonly P[], joining: P): readonly P[] {
  if (places.some(({ id }) => id === joining.id)) return places;
  if (joining.mode === 'queue') return [...places, joining];
  const by = `superseded by ${nameOf(joining)}`;
  const others = places.map((place) => (isWaiting(place) && place.mode === 'supersede' ? gone(place, by) : place));
  const first = others.findIndex(isWaiting);
  return first < 0 ? [...others, joining] : [...others.slice(0, first), joining, ...others.slice(first)];
}

/** Those that wait, the next one first. */
export const waitingIn = <P extends Place>(places: readonly P[]): readonly P[] => places.filter(isWaiting);

/** That one has left, and why. One that does not wait any more stays as it is. */
export const leave = <P extends Place>(places: readonly P[], id: string, reason: string): readonly P[] =>
  places.map((place) => (place.id === id && isWaiting(place) ? gone(place, reason) : place));

/** That one's deployment runs. */
export const begun = <P extends Place>(places: readonly P[], id: string, run: string): readonly P[] =>
  remembered(places.map((place) => (place.id === id ? { ...place, state: 'started' as const, run } : place)));

/** Whoever has waited for too long has left. @param nowMs epoch milliseconds */
export const expired = <P extends Place>(places: readonly P[], nowMs: number): readonly P[] =>
  places.map((place) =>
    isWaiting(place) && Date.parse(place.deadline) <= nowMs
      ? gone(place, `its turn did not come before the deadline, ${place.deadline}`)
      : place,
  );

/** What became of whom between two states of the line, for the audit log. */
export function told<P extends Place>(before: readonly P[], after: readonly P[]): readonly Told[] {
  const waiting = waitingIn(after);
  return after.flatMap((place) => {
    const known = before.find(({ id }) => id === place.id);
    if (known?.state === place.state) return [];
    const { id, kind, mode, version, requester, run } = place;
    const facts = { place: id, kind, mode, version, requester, run };
    if (place.state === 'started')
      return [{ action: 'line.started', summary: `${nameOf(place)} left the line: its turn came`, facts }];
    if (place.state === 'left')
      return [{ action: 'line.left', summary: `${nameOf(place)} left the line: ${place.reason ?? ''}`, facts }];
    const ahead = waiting[waiting.indexOf(place) - 1];
    const behind = ahead === undefined ? 'the running deployment' : nameOf(ahead);
    const asks = mode === 'supersede' ? ', which is asked to make room' : '';
    return [{ action: 'line.joined', summary: `${nameOf(place)} joined the line behind ${behind}${asks}`, facts }];
  });
}

/** `1.3.0 of ana`. */
export const nameOf = ({ kind, version, requester }: Pick<Place, 'kind' | 'version' | 'requester'>): string =>
  `${kind === 'rollback' ? 'the rollback' : (version ?? 'the newer one')} of ${requester}`;

const isWaiting = ({ state }: Place): boolean => state === 'waiting';

const gone = <P extends Place>(place: P, reason: string): P => ({ ...place, state: 'left', reason });

function remembered<P extends Place>(places: readonly P[]): readonly P[] {
  const over = places.filter((place) => !isWaiting(place)).slice(0, -REMEMBERED);
  return places.filter((place) => !over.includes(place));
}
