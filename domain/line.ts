/** The line of those that wait until an application's running deployment has ended. Decisions only: who is next, and who has left. */

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

/** `1.3.0 of ana`. */
export const nameOf = ({ kind, version, requester }: Pick<Place, 'kind' | 'version' | 'requester'>): string =>
  `${kind === 'rollback' ? 'the rollback' : (version ?? 'the newer one')} of ${requester}`;

const isWaiting = ({ state }: Place): boolean => state === 'waiting';

const gone = <P extends Place>(place: P, reason: string): P => ({ ...place, state: 'left', reason });

function remembered<P extends Place>(places: readonly P[]): readonly P[] {
  const over = places.filter((place) => !isWaiting(place)).slice(0, -REMEMBERED);
  return places.filter((place) => !over.includes(place));
}
