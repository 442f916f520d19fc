/** Freezes that are in force or planned. */
import type { Pool } from 'pg';
import type { Freeze, FreezeView } from '../../../domain/freezes/freeze';
import { windowsOf } from './windows';

export interface FreezeRow extends Omit<Freeze, 'madeAt'> {
  readonly madeAt: Date;
}

export const COLUMNS = 'id, app, reason, made_by AS "by", made_at AS "madeAt", time';

/** With those of all applications; `null`: these alone; `undefined`: all that there are. What is over is left out. */
export async function readViews(
  pool: Pick<Pool, 'query'>,
  app: string | null | undefined,
  now: Date,
): Promise<readonly FreezeView[]> {
  const { rows } = await pool.query<FreezeRow>(
    `SELECT ${COLUMNS} FROM mvca.freezes
      WHERE lifted_at IS NULL AND ($2 OR app IS NULL OR app = $1) ORDER BY made_at, id`,
    [app ?? null, app === undefined],
  );
  return rows.map((row) => viewOf(row, now)).filter(({ windows }) => windows.length > 0);
}

export function viewOf(row: FreezeRow, now: Date): FreezeView {
  const found = windowsOf(row.time, now);
  return {
    ...row,
    madeAt: row.madeAt.toISOString(),
    windows: found.kind === 'windows' ? found.windows : [],
  };
}
