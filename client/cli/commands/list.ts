import type { Command } from 'commander';
import type { ReleaseView } from '../../../domain/deployment';
import type { DeploymentRow } from '../../../domain/records';
import { clock, duration } from '../../../domain/reports/words';
import { servingNow } from '../../standing';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { line, part, type Line, type Style } from '../line';
import { readCount } from '../options';
import { columns, headline, oneLine, padEnd, truncate } from '../text';
import { releaseLines } from '../views/releases';

/** One long name must not push all others apart. */
const VERSION_COLUMNS = 40;
const NAME_COLUMNS = 24;

interface Options extends JsonOption {
  readonly limit: number;
}

export function addList(program: Command, run: Run): void {
  declare(program, {
    usage: 'list [app]',
    does: 'show past deployments, newest first, and under each what serves of it now: weight set, share measured',
    examples: ['mvca list', 'mvca list shop --limit 5 --json'],
  })
    .option('--limit <count>', 'at most so many', readCount, 20)
    .action(run((cli: Cli, app: string | undefined, options: Options) => list(cli, app, options)));
}

async function list(cli: Cli, named: string | undefined, { limit, json }: Options): Promise<number> {
  const { deployments } = await cli.engine({ start: false });
  const app = named === undefined ? null : await cli.app(named);
  const [found, serving] = await Promise.all([
    deployments.list({ limit, ...(app === null ? {} : { app }) }),
    servingNow(deployments, app),
  ]);
  const rows = found.map((row) => ({ ...row, serving: serving?.filter(({ release }) => isOf(release, row)) ?? null }));
  if (json) cli.print.json(rows);
  else if (rows.length === 0) cli.print.progress('no deployment was recorded yet');
  else for (const whole of rowLines(rows)) cli.print.result(whole);
  return EXIT.succeeded;
}

/** A row, and what has traffic now of the releases that its deployment made; null: nobody could say. */
export interface ListedRow extends DeploymentRow {
  readonly serving: readonly ReleaseView[] | null;
}

const isOf = (release: string, { run }: DeploymentRow): boolean => release.endsWith(`-${run.slice(-8)}`);

export function rowLines(rows: readonly ListedRow[]): readonly Line[] {
  const cells = rows.map((row) => [
    clock(row.startedAt),
    row.app,
    truncate(`${row.kind === 'rollback' ? 'back to ' : ''}${row.version || '-'}`, VERSION_COLUMNS),
    row.outcome ?? `runs, ${row.phase}`,
    duration(row.seconds),
    truncate(oneLine(row.requester), NAME_COLUMNS),
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((index) => Math.max(...cells.map((row) => columns(row[index] ?? ''))));
  return cells.flatMap((row, at) => {
    const padded = row.map((cell, index) => padEnd(cell, widths[index] ?? 0));
    // A reason may be a list; what it is about stands in its first line.
    const reason = headline(rows[at]?.reason ?? '');
    const whole = line(
      part(`${padded[0] ?? ''}  `, 'dim'),
      `${padded[1] ?? ''}  `,
      part(`${padded[2] ?? ''}  `, 'strong'),
      part(`${padded[3] ?? ''}  `, styleOf(rows[at]?.outcome ?? null)),
      `${padded[4] ?? ''}  ${padded[5] ?? ''}`,
      part(reason === '' ? '' : `  ${reason}`, 'dim'),
    );
    return [whole, ...releaseLines(rows[at]?.serving ?? [], { withEnvironment: true })];
  });
}

const styleOf = (outcome: DeploymentRow['outcome']): Style =>
  outcome === null ? 'accent' : outcome === 'succeeded' ? 'good' : outcome === 'rejected' ? 'warn' : 'bad';
