/** Kills the router while it saves its table, a thousand times: what was answered must be there when it comes back. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterState, RouterTable } from '../domain/host/router';
import { askAdmin } from '../system/admin';
import { programFile } from '../system/keeper';
import { scratchFolder } from './support/ending';
import { freePort, local, tableOf } from './support/proxies';
import { progress, type BenchResult } from './support/result';
import { start } from './support/spawned';
import { inDigits, quantile, spread } from './support/spread';

const KILLS = 1_000;
/** Routers that are killed side by side, each with a table of its own. */
const LANES = 2;
/** After so long it ends with the kills that it has. */
const LIMIT_MS = 300_000;
const LONGEST_LIFE_MS = 40;
const RELEASES = 20;
const POLL_MS = 10;
const START_GOAL_MS = 1_000;
const START_LIMIT_MS = 30_000;

interface Lane {
  kills: number;
  changes: number;
  lost: number;
  unreadable: number;
  /** Killed with the next table half written: its temporary file was left. */
  unfinished: number;
  readonly startMs: number[];
}

export async function run(): Promise<BenchResult> {
  const lanes = Array.from({ length: LANES }, (): Lane => ({
    kills: 0,
    changes: 0,
    lost: 0,
    unreadable: 0,
    unfinished: 0,
    startMs: [],
  }));
  const sum = (figure: Exclude<keyof Lane, 'startMs'>): number =>
    lanes.reduce((total, lane) => total + lane[figure], 0);
  const teller = setInterval(
    () => progress(`${sum('kills')} of ${KILLS} kills, ${sum('lost') + sum('unreadable')} tables lost`),
    15_000,
  );
  try {
    const deadline = performance.now() + LIMIT_MS;
    await Promise.all(lanes.map((lane) => runLane(lane, deadline)));
  } finally {
    clearInterval(teller);
  }
  const starts = lanes.flatMap((lane) => lane.startMs);
  const p99 = quantile(starts, 0.99);
  const lost = sum('lost') + sum('unreadable');
  return {
    title: 'Router: killed while saving its table',
    columns: ['kills', 'amid a save', 'changes answered', 'lost', 'unreadable tables', 'start ms', 'p99'],
    rows: [
      [
        ...(['kills', 'unfinished', 'changes', 'lost', 'unreadable'] as const).map((figure) =>
          inDigits(sum(figure), 0),
        ),
        spread(starts),
        inDigits(p99, 0),
      ],
    ],
    notes: [
      `SIGKILL within ${LONGEST_LIFE_MS} ms after the first of ceaseless changes to a table of ${RELEASES} releases; ${LANES} routers at a time`,
      'lost: the saved table is older than the last change that was answered; amid a save: the unfinished next table was found',
      `start: median (least-most) from the start of the process to its first answer with the saved table, ${LANES} starting at once`,
    ],
    goals: [
      {
        what: 'kills',
        figure: inDigits(sum('kills'), 0),
        goal: inDigits(KILLS, 0),
        isMet: sum('kills') >= KILLS,
      },
      { what: `lost tables of ${inDigits(sum('kills'), 0)}`, figure: String(lost), goal: '0', isMet: lost === 0 },
      {
        what: 'start with the table, p99',
        figure: `${inDigits(p99 / 1_000, 2)} s`,
        goal: 'below 1 s',
        isMet: p99 < START_GOAL_MS,
      },
    ],
  };
}

async function runLane(lane: Lane, deadline: number): Promise<void> {
  const folder = await scratchFolder();
  const file = path.join(folder, 'table.json');
  const releases = Object.fromEntries(Array.from({ length: RELEASES }, (_, i) => [`r${i}`, [local(1_000 + i)]]));
  const first = tableOf(await freePort(), releases);
  await writeFile(file, JSON.stringify(first));
  // The number of the change is told by a setting, which begins as in the first table.
  let answered = first.settings.slowMs;
  for (; lane.kills < KILLS / LANES && performance.now() < deadline; lane.kills += 1) {
    const last = await liveAndDie(folder, answered, lane);
    lane.changes += last - answered;
    lane.unfinished += (await readdir(folder)).some((name) => name.endsWith('.tmp')) ? 1 : 0;
    const saved = await readFile(file, 'utf8')
      .then((text) => JSON.parse(text) as RouterTable)
      .catch(() => null);
    if (saved === null) {
      lane.unreadable += 1;
      await writeFile(file, JSON.stringify({ ...first, settings: { ...first.settings, slowMs: last } }));
    } else if (saved.settings.slowMs < last) lane.lost += 1;
    // A change that was saved and not answered any more counts as known from here on.
    answered = saved?.settings.slowMs ?? last;
  }
}

/** Answers the number of the last change that the router confirmed before it was killed. */
async function liveAndDie(folder: string, known: number, lane: Lane): Promise<number> {
  const socket = path.join(folder, 'admin.sock');
  const begun = performance.now();
  const child = await start([process.execPath, programFile('host/router/main.js'), folder], null);
  while ((await askAdmin<RouterState>(socket, 'GET', '/state').catch(() => null))?.pid !== child.pid) {
    if (performance.now() - begun > START_LIMIT_MS)
      throw new Error(`the router in ${folder} gave no answer within ${START_LIMIT_MS / 1_000} s`);
    await sleep(POLL_MS);
  }
  lane.startMs.push(performance.now() - begun);
  let answered = known;
  for (let wish = known + 1; ; wish += 1) {
    const body = { slowMs: wish, drainMs: 1_000 };
    const state = await askAdmin<RouterState>(socket, 'PUT', '/settings', { body }).catch(() => null);
    if (state === null) break;
    answered = wish;
    if (wish === known + 1) setTimeout(() => void child.end('SIGKILL'), Math.random() * LONGEST_LIFE_MS);
  }
  await child.end('SIGKILL'); // also when there was no answer for another reason
  return answered;
}
