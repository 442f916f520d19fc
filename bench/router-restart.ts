/** Kills a router under its keeper, again and again: how long clients get no answer until it is back with its table. */
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeJson } from '../system/durable-file';
import { homeAt, routerFolder, type Home } from '../system/home';
import { livingProcess, programFile } from '../system/keeper';
import { ensureUnit, removeUnit, unitPidFile } from '../system/units';
import { owing, scratchFolder } from './support/ending';
import { knowInstancesIn } from './support/proven-home';
import { freePort, local, tableOf } from './support/proxies';
import { progress, type BenchResult } from './support/result';
import { startScript } from './support/spawned';
import { inDigits, spread } from './support/spread';

const KILLS = 20;
/** Between two kills: what ends within 3 s of its start is started again later and later. */
const PAUSE_MS = 3_200;
const POLL_MS = 2;
const LIMIT_MS = 30_000;
const GOAL_MS = 1_000;
const NAME = 'router.bench.production';

export async function run(): Promise<BenchResult> {
  const home = homeAt(await scratchFolder());
  const end = owing(() => removeUnit(home, NAME));
  const instance = await startScript('backend', 'a', 0);
  const outagesMs: number[] = [];
  try {
    const { port, directory } = await startRouter(home, Number(instance.lines[0]));
    for (let n = 1; n <= KILLS; n += 1) {
      await sleep(PAUSE_MS);
      outagesMs.push(await outage(port, directory));
      if (n % 5 === 0) progress(`${n} of ${KILLS} kills`);
    }
  } finally {
    await end();
    await instance.end('SIGKILL');
  }
  const longest = Math.max(...outagesMs);
  return {
    title: 'Router: killed under its keeper',
    columns: ['kills', 'no answer for ms'],
    rows: [[String(KILLS), spread(outagesMs)]],
    notes: [
      'median (least-most) from SIGKILL to the first answer with 200 from the instance, asked again at once after every refusal',
    ],
    goals: [
      {
        what: 'restart with its table, longest',
        figure: `${inDigits(longest / 1_000, 2)} s`,
        goal: 'below 1 s',
        isMet: longest < GOAL_MS,
      },
    ],
  };
}

async function startRouter(home: Home, instance: number): Promise<{ port: number; directory: string }> {
  const port = await freePort();
  const directory = routerFolder(home, 'bench', 'production');
  await knowInstancesIn(home, 'a', [instance]);
  await writeJson(path.join(directory, 'table.json'), tableOf(port, { a: [local(instance)] }));
  await ensureUnit(home, {
    format: 1,
    kind: 'router',
    name: NAME,
    directory,
    main: programFile('host/router/main.js'),
  });
  await untilAnswered(port);
  return { port, directory };
}

async function outage(port: number, directory: string): Promise<number> {
  const router = livingProcess(unitPidFile(directory));
  if (router === null) throw new Error(`no router lives in ${directory}`);
  process.kill(router.pid, 'SIGKILL');
  const begun = performance.now();
  await untilAnswered(port);
  return performance.now() - begun;
}

async function untilAnswered(port: number): Promise<void> {
  for (const deadline = performance.now() + LIMIT_MS; performance.now() < deadline; await sleep(POLL_MS))
    if (await isAnswered(port)) return;
  throw new Error(`no answer on port ${port} within ${LIMIT_MS / 1_000} s`);
}

function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const fail = (): void => resolve(false);
    const request = http.get({ host: '127.0.0.1', port, agent: false, timeout: LIMIT_MS }, (response) => {
      response.on('error', fail).resume();
      response.on('end', () => resolve(response.statusCode === 200));
    });
    request.on('timeout', () => request.destroy()).on('error', fail);
  });
}
