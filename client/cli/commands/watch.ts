import type { Command } from 'commander';
import { currentDeployment, type Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { followToEnd } from '../following';

export function addWatch(program: Command, run: Run): void {
  declare(program, {
    usage: 'watch [app]',
    does: 'follow the deployment that runs, or show how the last one ended',
    examples: ['mvca watch', 'mvca watch shop --json'],
    notes: [
      'An engine that restarts meanwhile is waited for, for two minutes (then exit code 7). Ctrl-C leaves the deployment running.',
      'Exit codes: those of `mvca deploy`.',
    ],
  }).action(run((cli: Cli, named: string | undefined, { json = false }: JsonOption) => watch(cli, named, json)));
}

async function watch(cli: Cli, named: string | undefined, json: boolean): Promise<number> {
  const app = await cli.app(named);
  const deployment = await currentDeployment(await cli.engine({ start: false }), app);
  return followToEnd(cli, deployment, { json });
}
