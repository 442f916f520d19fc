import type { Command } from 'commander';
import type { DeploymentRow } from '../../../domain/records';
import { clock, duration } from '../../../domain/reports/words';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { line, part, type Line, type Style } from '../line';
import { readCount } from '../options';
import { columns, headline, oneLine, padEnd, truncate } from '../text';

/** One long name must not push all others apart. */
const VERSION_COLUMNS = 40;
const NAME_COLUMNS = 24;

interface Options extends JsonOption {
  readonly limit: number;
}

export function addList(program: Command, run: Run): void {
  declare(program, {
    usage: 'list [app]',
    does: 'show past deployments, newest first',
    examples: ['mvca list', 'mvca list shop --limit 5 --json'],
  })
    .option('--limit <count>', 'at most so many', readCount, 20)
    .action(run((cli: Cli, app: string | undefined, options: Options) => list(cli, app, options)));
}

async function list(cli: Cli, named: string | undefined, { limit, json }: Options): Promise<number> {
  const { deployments } = await cli.engine({ start: false });
  const rows = await deployments.list({ limit, ...(named === undefined ? {} : { app: await cli.app(named) }) });
  if (json) cli.print.json(rows);
  else if (rows.length === 0) cli.print.progress('no deployment was recorded yet');
  else for (const whole of rowLines(rows)) cli.print.result(whole);
  return EXIT.succeeded;
}

export function rowLines(rows: readonly DeploymentRow[]): readonly Line[] {
  const cells = rows.map((row) => [
    clock(row.startedAt),
    row.app,
    truncate(`${row.kind === 'rollback' ? 'back to ' : ''}${row.version || '-'}`, VERSION_COLUMNS),
    row.outcome ?? `runs, ${row.phase}`,
    duration(row.seconds),
    truncate(oneLine(row.requester), NAME_COLUMNS),
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((index) => Math.max(...cells.map((row) => columns(row[index] ?? ''))));
  return cells.map((row, at) => {
    const padded = row.map((cell, index) => padEnd(cell, widths[index] ?? 0));
    // A reason may be a list; what it is about stands in its first line.
    const reason = headline(rows[at]?.reason ?? '');
    return line(
      part(`${padded[0] ?? ''}  `, 'dim'),
      `${padded[1] ?? ''}  `,
      part(`${padded[2] ?? ''}  `, 'strong'),
      part(`${padded[3] ?? ''}  `, styleOf(rows[at]?.outcome ?? null)),
      `${padded[4] ?? ''}  ${padded[5] ?? ''}`,
      part(reason === '' ? '' : `  ${reason}`, 'dim'),
    );
  });
}

const styleOf = (outcome: DeploymentRow['outcome']): Style =>
  outcome === null ? 'accent' : outcome === 'succeeded' ? 'good' : outcome === 'rejected' ? 'warn' : 'bad';
