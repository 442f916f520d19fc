/** The command line: which commands there are, and what happens with what is typed wrongly. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import type { ClientConfig } from '../config';
import { refuseUnnamed, type Run } from './command';
import { addAbort } from './commands/abort';
import { addApprove } from './commands/approve';
import { addAudit } from './commands/audit';
import { addDeploy } from './commands/deploy';
import { addDiagnose } from './commands/diagnose';
import { addDoctor } from './commands/doctor';
import { addDown, addUp } from './commands/engine';
import { addFreeze, addUnfreeze } from './commands/freeze';
import { addIdentity } from './commands/identity';
import { addInit } from './commands/init';
import { addJudge } from './commands/judge';
import { addList } from './commands/list';
import { addLogs } from './commands/logs';
import { addPause } from './commands/pause';
import { addPlan } from './commands/plan';
import { addPolicy } from './commands/policy';
import { addPromote } from './commands/promote';
import { addReject } from './commands/reject';
import { addReport } from './commands/report';
import { addRetire } from './commands/retire';
import { addResume } from './commands/resume';
import { addRollback } from './commands/rollback';
import { addSecrets } from './commands/secrets';
import { addStatus } from './commands/status';
import { addUi } from './commands/ui';
import { addWaive } from './commands/waive';
import { addWatch } from './commands/watch';
import { addWorker } from './commands/worker';
import type { Print } from './print';
import { plain } from './text';

const GROUPS: readonly (readonly [string, readonly ((program: Command, run: Run, config: ClientConfig) => void)[]])[] =
  [
    ['Deploy:', [addInit, addPlan, addDeploy, addRollback, addRetire]],
    ['See:', [addStatus, addWatch, addList, addLogs, addReport, addAudit, addUi]],
    ['Decide:', [addApprove, addReject, addWaive, addAbort, addPause, addResume, addPromote, addFreeze, addUnfreeze]],
    ['Alone, in CI:', [addJudge, addDiagnose]],
    ['Set up:', [addIdentity, addPolicy, addSecrets, addUp, addDown, addDoctor, addWorker]],
  ];

export function createProgram(run: Run, print: Print, config: ClientConfig): Command {
  const program = new Command('mvca')
    .description('Takes an application from source to production, and back again when production says no.')
    .version(packageVersion(), '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
    .hook('preAction', (_, command) => refuseUnnamed(command))
    .showHelpAfterError('(see `mvca --help`, or `mvca <command> --help`)')
    .configureOutput({
      writeOut: print.help.out,
      writeErr: print.help.err,
      getOutHasColors: () => print.help.outColours,
      getErrHasColors: () => print.help.errColours,
      outputError: (text, write) => write(withoutValues(text)),
    })
    .addHelpText('after', '\nExample:\n  $ mvca init && mvca deploy');
  for (const [heading, adders] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of adders) add(program, run, config);
  }
  return program;
}

/** `--value=…` of an unknown option may hold a secret. */
const withoutValues = (text: string): string => plain(text).replace(/'(--?[\w-]+)=[^]*?'/g, "'$1'");

function packageVersion(): string {
  const file = path.join(
    __dirname,
    ...(__dirname.includes(`${path.sep}dist${path.sep}`) ? ['..'] : []),
    '..',
    '..',
    'package.json',
  );
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
