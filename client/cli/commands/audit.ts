import type { Command } from 'commander';
import type { AuditRow } from '../../../domain/records';
import { clock } from '../../../domain/reports/words';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { line, part } from '../line';
import { readCount } from '../options';
import { addAuditVerify } from './audit-verify';

interface Options extends JsonOption {
  readonly limit: number;
}

export function addAudit(program: Command, run: Run): void {
  const audit = declare(program, {
    usage: 'audit [app]',
    does: 'show the audit log, newest last',
    examples: ['mvca audit shop --limit 100', 'mvca audit verify'],
  })
    .option('--limit <count>', 'at most so many', readCount, 50)
    .action(run((cli: Cli, app: string | undefined, options: Options) => show(cli, app, options)));
  addAuditVerify(audit, run);
}

async function show(cli: Cli, named: string | undefined, { limit, json }: Options): Promise<number> {
  const app = named === undefined ? null : await cli.app(named);
  const { deployments } = await cli.engine({ start: false });
  const rows = await deployments.inspect<readonly AuditRow[]>({ kind: 'audit', app, limit });
  const inOrder = [...rows].sort((a, b) => a.row - b.row);
  if (json) cli.print.json(inOrder);
  else if (inOrder.length === 0) cli.print.progress('nothing was written to the audit log yet');
  for (const row of json ? [] : inOrder) {
    cli.print.result(
      line(
        part(`${row.row}  ${clock(row.at)}  `, 'dim'),
        part(`${row.app} `, 'accent'),
        part(`${row.actor} `, 'strong'),
        `${row.action}${row.environment === null ? '' : ` in ${row.environment}`}: ${row.summary}`,
      ),
    );
  }
  return EXIT.succeeded;
}
