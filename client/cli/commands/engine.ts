/** The embedded stack on this machine. */
import type { Command } from 'commander';
import { down, up } from '../../../embedded';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';

export function addUp(program: Command, run: Run): void {
  declare(program, {
    usage: 'up',
    does: 'start the engine on this machine: Temporal with its Web UI, PostgreSQL and a worker',
    examples: ['mvca up'],
    notes: ['Repeatable. `deploy`, `plan` and `rollback` start it by themselves.'],
  }).action(run((cli: Cli, options: JsonOption) => start(cli, options)));
}

export function addDown(program: Command, run: Run): void {
  declare(program, {
    usage: 'down',
    does: 'stop the engine; routers and releases go on serving',
    examples: ['mvca down', 'mvca down --all'],
    notes: ['The state stays: `mvca up` goes on where it was.'],
  })
    .option('--all', 'stop routers and releases too: the applications serve no more')
    .action(run((cli: Cli, options: JsonOption & { readonly all?: boolean }) => stop(cli, options)));
}

async function start(cli: Cli, { json }: JsonOption): Promise<number> {
  refuseCluster(cli, 'up');
  const { home, temporal, database } = await up(cli.config.home, { log: (text) => cli.print.progress(text) });
  if (json) {
    cli.print.json({ home: home.root, temporal, database });
    return EXIT.succeeded;
  }
  cli.print.result(line(part('the engine runs', 'good')));
  cli.print.result(line(`  web UI    ${temporal.uiUrl}`, part('  log in: mvca ui', 'dim')));
  cli.print.result(`  Temporal  ${temporal.address}`);
  cli.print.result(`  state     ${home.root}`);
  return EXIT.succeeded;
}

async function stop(cli: Cli, { all = false, json }: JsonOption & { readonly all?: boolean }): Promise<number> {
  refuseCluster(cli, 'down');
  const stopped = await down(cli.config.home, { all, log: (text) => cli.print.progress(text) });
  const code = stopped.left.length === 0 ? EXIT.succeeded : EXIT.unexpected;
  if (json) {
    cli.print.json(stopped);
    return code;
  }
  for (const each of stopped.left) cli.print.result(line(part('not stopped', 'bad'), `: ${each}`));
  cli.print.result(stopped.engine ? 'the engine is stopped' : 'the engine was not running');
  if (!all) cli.print.result('routers and releases go on serving; `mvca down --all` stops them too');
  return code;
}

function refuseCluster({ config }: Cli, command: string): void {
  if (!config.usesCluster) return;
  throw new Halt(
    `\`mvca ${command}\` is for the engine on this machine, and the environment names a cluster: unset TEMPORAL_ADDRESS, TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE, or start a worker for the cluster with \`mvca worker\``,
  );
}
