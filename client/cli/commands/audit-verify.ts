/** Is the audit log as it was written? Asked of the engine, or of an exported file without it. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { AuditHead, AuditRow, AuditVerification, KnownHead } from '../../../domain/records';
import { readAnchors, readExport, readSigners, verifyExport, type AuditExport } from '../../../system/audit/export';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';

interface Options extends JsonOption {
  readonly anchor?: string;
  readonly file?: string;
  readonly signers?: string;
}

export function addAuditVerify(audit: Command, run: Run): void {
  declare(audit, {
    usage: 'verify',
    does: 'check the whole chain of hashes and every signature in it; names the first bad row',
    examples: [
      'mvca audit verify',
      'mvca audit verify --anchor /mnt/elsewhere/mvca.anchor',
      'mvca audit verify --file audit.json --signers allowed_signers',
    ],
    notes: [
      'Heads are compared with those in the reports of the engine, and with those of an anchor (MVCA_AUDIT_ANCHOR of the worker).',
      'Exit codes: 0 the log is whole, 1 it was changed, or a report that it names is gone.',
    ],
  })
    .option('--anchor <file>', 'heads that were written down elsewhere, a line each')
    .option('--file <file>', 'what `mvca audit export` printed, without any engine')
    .option('--signers <file>', 'with --file: the only keys that are trusted, as in allowed_signers of OpenSSH')
    .action(run((cli: Cli, _options: Options, command: Command) => verify(cli, command.optsWithGlobals<Options>())));
  declare(audit, {
    usage: 'export',
    does: 'print the whole log as one file, which can be verified without the engine',
    examples: ['mvca audit export > audit.json'],
  }).action(run((cli: Cli) => exportAll(cli)));
}

async function verify(cli: Cli, options: Options): Promise<number> {
  const { anchor, file, signers, json } = options;
  if (signers !== undefined && file === undefined) throw new Halt('--signers belongs to --file: export the log first');
  const known = anchor === undefined ? [] : readAnchors(await readText(anchor), anchor);
  const found = file === undefined ? await byEngine(cli, known) : await byFile(file, { known, signers });
  if (json) cli.print.json(found);
  else say(cli, found);
  return found.ok ? EXIT.succeeded : EXIT.unexpected;
}

async function byEngine(cli: Cli, anchors: readonly KnownHead[]): Promise<AuditVerification> {
  const { deployments } = await cli.engine({ start: false });
  return deployments.inspect<AuditVerification>({ kind: 'verify-audit', anchors });
}

async function byFile(
  file: string,
  { known, signers }: { readonly known: readonly KnownHead[]; readonly signers: string | undefined },
): Promise<AuditVerification> {
  const trusted = signers === undefined ? null : readSigners(await readText(signers));
  return verifyExport(readExport(await readText(file)), { known, trusted });
}

const readText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: Error) => {
    throw new Halt(`${file} cannot be read: ${cause.message}`);
  });

function say({ print }: Cli, { firstBad, gone, compared, rows, signatures, head }: AuditVerification): void {
  if (firstBad !== null) print.result(line(part(`row ${firstBad.row} is bad: ${firstBad.why}`, 'bad')));
  else {
    const heads = compared === 0 ? '' : `, compared with ${compared} heads written down elsewhere`;
    const signed = `, ${signatures} ${signatures === 1 ? 'signature' : 'signatures'} verified`;
    print.result(line(part('the audit log is whole', 'good'), `: ${rows} rows${signed}${heads}; head ${head.hash}`));
  }
  for (const { row, folder } of gone)
    print.result(line(part(`a report is gone: ${folder}, which row ${row} says was written`, 'bad')));
  if (gone.length > 0)
    print.progress(line(part('put them back from where they are kept, or find out who took them away', 'dim')));
}

async function exportAll(cli: Cli): Promise<number> {
  const { deployments } = await cli.engine({ start: false });
  const rows: AuditRow[] = [];
  for (;;) {
    const next = await deployments.inspect<readonly AuditRow[]>({ kind: 'audit-rows', after: rows.at(-1)?.row ?? 0 });
    if (next.length === 0) break;
    rows.push(...next);
  }
  const last = rows.at(-1);
  const head: AuditHead = { rows: last?.row ?? 0, hash: last?.hash ?? '0'.repeat(64) };
  cli.print.json({ format: 'mvca-audit/1', head, rows } satisfies AuditExport);
  return EXIT.succeeded;
}
