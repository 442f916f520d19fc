/** Runs the benches one after another and prints their tables: `npm run bench [name …]`. */
import os from 'node:os';
import { run as deployment } from './deployment';
import { run as detection } from './detection';
import { run as routerKillSave } from './router-kill-save';
import { run as routerThroughput } from './router-throughput';
import { printed, type BenchResult } from './support/result';

const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  deployment,
  detection,
  'router-throughput': routerThroughput,
  'router-kill-save': routerKillSave,
};

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => BENCHES[name] === undefined);
  if (unknown.length > 0)
    throw new Error(`no bench called ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  const cpu = os.cpus()[0]?.model ?? 'unknown processor';
  console.log(
    `${os.cpus().length} cores (${cpu}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, load ${os.loadavg()[0]?.toFixed(1)}\n`,
  );
  for (const [name, run] of Object.entries(BENCHES)) {
    if (names.length === 0 || names.includes(name)) console.log(printed(await run()));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
