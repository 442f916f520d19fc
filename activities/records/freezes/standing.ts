/** Is an application frozen? Every call looks once: what waits for another answer has the server ask again. */
import { freezeWords, inForce, isFree, sameStanding } from '../../../domain/freezes/freeze';
import type { FreezeStanding, FreezeView } from '../../../domain/freezes/freeze';
import type { FreezeQuery, ParkedPlace } from '../../record-query';
import { wordsOf } from '../../failure';
import { notYet } from '../../not-yet';

const PATIENCE = { firstMs: 1_000, mostMs: 30_000 };

export interface FreezeReads {
  readonly read: (app: string) => Promise<readonly FreezeView[]>;
  /** Writes down who asks; answers how many are written down. */
  readonly park: (app: string) => Promise<{ readonly place: ParkedPlace; readonly parked: number }>;
  readonly unpark: (place: ParkedPlace) => Promise<void>;
}

/**
 * Never throws for the database: what cannot be read is `unknown`, which is no pass. Until a known freeze is over, a database that is away
 * is no news.
 * @throws `NotYet`, to be repeated, while it is as it is `known`.
 */
export async function freezeStanding(reads: FreezeReads, query: FreezeQuery): Promise<FreezeStanding> {
  const { known } = query;
  const standing = await standingOf(reads, query);
  if (known === null || isNews(known, standing)) return standing;
  throw notYet(freezeWords(standing), PATIENCE);
}

function isNews(known: FreezeStanding, standing: FreezeStanding): boolean {
  if (known.kind === 'known' && known.inForce !== null && standing.kind === 'unknown')
    return Date.parse(known.inForce.until) <= Date.now();
  return !sameStanding(known, standing);
}

async function standingOf(reads: FreezeReads, { app, parks = false }: FreezeQuery): Promise<FreezeStanding> {
  try {
    // Before it reads: a change that it does not see will see who is parked.
    const asking = parks ? await reads.park(app) : null;
    const freezes = await reads.read(app);
    const standing = { kind: 'known', inForce: inForce(freezes, app, Date.now()), freezes } as const;
    if (asking === null) return standing;
    if (isFree(standing)) await reads.unpark(asking.place);
    return { ...standing, parked: asking.parked };
  } catch (error) {
    return { kind: 'unknown', reason: wordsOf(error) };
  }
}
