#!/usr/bin/env node
/** `mvca`: reads what was typed, runs the command, answers the shell. */
import { readConfig } from '../config';
import { createCli, type Cli } from './cli';
import type { Run } from './command';
import { endingOf } from './halt';
import { createPrint } from './print';
import { createProgram } from './program';

async function main(): Promise<number> {
  const config = readConfig();
  const print = createPrint(config);
  const cli: Cli = createCli(config, print);
  let exit = 0;
  const run: Run =
    (action) =>
    async (...args) => {
      exit = await action(cli, ...args);
    };
  try {
    await createProgram(run, print, config).parseAsync();
    return exit;
  } catch (error) {
    const ending = endingOf(error);
    if (ending.message !== null) print.error(ending.message);
    return ending.exit;
  } finally {
    await cli.close();
    await print.flush();
  }
}

void main().then((exit) => {
  // Connections that are broken keep timers; there is nothing left to wait for.
  process.exit(exit);
});
