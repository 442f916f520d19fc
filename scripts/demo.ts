/**
 * `npm run demo`: a person at the keyboard takes a shop through four releases while a client counts every answer. Exits with 0 when
 * all that the demo promises was so, else with 1. `--keep` leaves all running.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from './demo/checks';
import { processesOf } from './demo/leftovers';
import { play } from './demo/play';
import { clearStage, environmentOf, mvca, setStage } from './demo/stage';
import type { Stage } from './demo/stage';
import { summary } from './demo/summary';
import { createTerminal } from './demo/terminal';
import type { Terminal } from './demo/terminal';

const DOWN_MS = 60_000;
const GONE_MS = 10_000;

async function main(keep: boolean): Promise<boolean> {
  const begun = performance.now();
  const interrupted = new AbortController();
  const stage = await setStage();
  const terminal = createTerminal({
    cwd: stage.project,
    environmentOf: (person) => environmentOf(stage, person),
    write: (text) => void process.stdout.write(text),
    colours: process.stdout.isTTY && !process.env['NO_COLOR'],
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted.abort();
      terminal.hangUp();
    });
  }
  let isWell = false;
  try {
    const facts = await play({ stage, terminal, signal: interrupted.signal });
    const findings = check(facts);
    terminal.say(`\n${summary(facts, findings, { seconds: (performance.now() - begun) / 1000, isKept: keep })}`);
    isWell = findings.every(({ isSo }) => isSo);
  } catch (error) {
    terminal.say(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (keep) return (sayHowToLook(stage, terminal), isWell);
  return (await strike(stage, terminal)) && isWell;
}

/** Stops all and removes all; answers whether nothing was left. */
async function strike(stage: Stage, terminal: Terminal): Promise<boolean> {
  terminal.say('');
  const { code } = await terminal.type({ person: 'ana', ...mvca('down', '--all'), timeoutMs: DOWN_MS });
  const deadline = Date.now() + GONE_MS;
  let left = await processesOf(stage.root);
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(200);
    left = await processesOf(stage.root);
  }
  for (const { pid, command } of left) {
    terminal.say(`still ran after \`mvca down --all\`, and was ended: ${pid} ${command}`);
    endIfThere(pid);
  }
  await clearStage(stage);
  if (left.length === 0) terminal.say(`Nothing is left: no process, no port, no file in ${stage.root}.`);
  return code === 0 && left.length === 0;
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // else it has ended by itself
  }
}

function sayHowToLook(stage: Stage, terminal: Terminal): void {
  const line = (...args: readonly string[]) => `  MVCA_HOME=${stage.home} ${mvca(...args).argv.join(' ')}`;
  terminal.say(
    [
      '\nAll is left running. To look at it, and to stop it:',
      `  cd ${stage.project}`,
      line('status'),
      `  curl -i ${stage.productionUrl}/`,
      `${line('ui')}   (a link that opens the Web UI)`,
      line('down', '--all'),
      `  rm -r ${stage.root}`,
    ].join('\n'),
  );
}

const unknown = process.argv.slice(2).filter((argument) => argument !== '--keep');
if (unknown.length > 0) {
  console.error(`unknown argument ${unknown[0]}; there is --keep: leave all running at the end`);
  process.exitCode = 2;
} else {
  void main(process.argv.includes('--keep')).then((isWell) => {
    process.exitCode = isWell ? 0 : 1;
  });
}
