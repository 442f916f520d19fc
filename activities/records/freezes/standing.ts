/** Is an application frozen? Answered at once, or as soon as the answer is another one. */
import { Context } from '@temporalio/activity';
import { inForce, sameStanding, type FreezeStanding, type FreezeView } from '../../../domain/freezes/freeze';
import type { FreezeQuery } from '../../record-query';
import { wordsOf } from '../../failure';

/** How soon a freeze that was ended, or has run out, is noticed. */
const EVERY_MS = 1_000;

/**
 * Never throws for the database: what cannot be read is `unknown`, which is no pass. Until a known freeze is over, a database that is away
 * is no news.
 */
export async function freezeStanding(
  read: (app: string) => Promise<readonly FreezeView[]>,
  { app, known }: FreezeQuery,
): Promise<FreezeStanding> {
  for (;;) {
    const standing = await standingOf(read, app);
    if (known === null || isNews(known, standing)) return standing;
    await Context.current().sleep(EVERY_MS);
  }
}

function isNews(known: FreezeStanding, standing: FreezeStanding): boolean {
  if (known.kind === 'known' && known.inForce !== null && standing.kind === 'unknown')
    return Date.parse(known.inForce.until) <= Date.now();
  return !sameStanding(known, standing);
}

async function standingOf(read: (app: string) => Promise<readonly FreezeView[]>, app: string): Promise<FreezeStanding> {
  try {
    const freezes = await read(app);
    return { kind: 'known', inForce: inForce(freezes, app, Date.now()), freezes };
  } catch (error) {
    return { kind: 'unknown', reason: wordsOf(error) };
  }
}
