/**
 * Runs the benches one after another and prints their tables: `npm run bench [-- name …]`, with `--json` as one JSON document.
 * What goes on is said on standard error. It ends with 1 when a bench breaks; a goal that is not met is no error. Names that are unknown end it with 2.
 */
import os from 'node:os';
import { run as deployment } from './deployment';
import { run as detection } from './detection';
import { run as judge } from './judge';
import { run as promise } from './promise';
import { run as recordings } from './recordings';
import { run as routerKillSave } from './router-kill-save';
import { run as routerRestart } from './router-restart';
import { run as routerSwitch } from './router-switch';
import { run as routerThroughput } from './router-throughput';
import { endAll } from './support/ending';
import { printed, summary, type BenchResult } from './support/result';

const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  'router-throughput': routerThroughput,
  'router-switch': routerSwitch,
  'router-kill-save': routerKillSave,
  'router-restart': routerRestart,
  deployment,
  detection,
  promise,
  recordings,
  judge,
};

interface Done {
  readonly name: string;
  readonly result: BenchResult;
  /** Load average of the minute before it began. */
  readonly loadBefore: number;
  readonly seconds: number;
}

async function main(args: readonly string[]): Promise<void> {
  const asJson = args.includes('--json');
  const names = args.filter((arg) => arg !== '--json');
  const unknown = names.filter((name) => BENCHES[name] === undefined);
  if (unknown.length > 0) {
    process.stderr.write(`no bench called ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  const say = (text: string): void => void (asJson ? process.stderr : process.stdout).write(`${text}\n`);
  const done: Done[] = [];
  for (const [name, run] of Object.entries(BENCHES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const loadBefore = Math.round((os.loadavg()[0] ?? 0) * 10) / 10;
    say(`== ${name}: ${machine()}, load average before ${loadBefore}\n`);
    const begun = performance.now();
    const result = await run();
    const seconds = Math.round((performance.now() - begun) / 1_000);
    say(`${printed(result)}\n  took ${seconds} s\n`);
    done.push({ name, result, loadBefore, seconds });
  }
  if (asJson) process.stdout.write(`${JSON.stringify({ machine: machine(), benches: done }, null, 2)}\n`);
  else if (done.length > 1) say(done.map(({ name, result }) => `${name}\n${summary(result.goals)}`).join('\n'));
}

function machine(): string {
  const model = os.cpus()[0]?.model ?? 'unknown processor';
  return `${os.cpus().length} cores (${model}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

// Broken off it leaves nothing: children and folders go on exit, what lives by itself before.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void endAll().finally(() => process.exit(130)));

function broken(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  void endAll().finally(() => process.exit(1));
}
process.once('uncaughtException', broken);

main(process.argv.slice(2)).catch(broken);
