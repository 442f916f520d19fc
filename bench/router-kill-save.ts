/** Kills the router while it saves its table, a thousand times: what was answered must be there, and it must be back at once. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RouterState, RouterTable } from '../domain/host/router';
import { askAdmin } from '../system/admin';
import { programFile } from '../system/keeper';
import { quantileOf } from './support/median';
import { freePort, local, tableOf } from './support/proxies';
import type { BenchResult } from './support/result';
import { start } from './support/spawned';

const KILLS = 1_000;
/** Routers that are killed side by side, each with a table of its own. */
const LANES = 4;
const LONGEST_LIFE_MS = 40;
const RELEASES = 20;

interface Lane {
  kills: number;
  changes: number;
  lost: number;
  unreadable: number;
  unfinished: number;
  readonly startMs: number[];
}

export async function run(): Promise<BenchResult> {
  const lanes = await Promise.all(Array.from({ length: LANES }, () => runLane(KILLS / LANES)));
  const sum = (figure: 'kills' | 'changes' | 'lost' | 'unreadable' | 'unfinished'): number =>
    lanes.reduce((total, lane) => total + lane[figure], 0);
  const starts = lanes.flatMap((lane) => lane.startMs);
  return {
    title: 'Router: killed while saving its table',
    columns: [
      'kills',
      'in the middle of a save',
      'changes answered',
      'lost',
      'unreadable tables',
      'start p50 ms',
      'start p99 ms',
    ],
    rows: [
      [
        ...[sum('kills'), sum('unfinished'), sum('changes'), sum('lost'), sum('unreadable')].map(String),
        quantileOf(starts, 0.5).toFixed(0),
        quantileOf(starts, 0.99).toFixed(0),
      ],
    ],
    notes: [
      `SIGKILL within ${LONGEST_LIFE_MS} ms of ceaseless changes to a table of ${RELEASES} releases; ${LANES} routers at a time`,
      'start: from the start of the process to its first answer with the saved table',
      'goals: nothing lost, no table unreadable, start below 1,000 ms',
    ],
  };
}

async function runLane(kills: number): Promise<Lane> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-bench-'));
  const file = path.join(folder, 'table.json');
  const releases = Object.fromEntries(Array.from({ length: RELEASES }, (_, i) => [`r${i}`, [local(1_000 + i)]]));
  await writeFile(file, JSON.stringify(tableOf(await freePort(), releases)));
  const lane: Lane = { kills: 0, changes: 0, lost: 0, unreadable: 0, unfinished: 0, startMs: [] };
  let answered = 1_000;
  for (; lane.kills < kills; lane.kills += 1) {
    const last = await liveAndDie(folder, answered, lane);
    lane.changes += last - answered;
    answered = last;
    lane.unfinished += (await readdir(folder)).some((name) => name.endsWith('.tmp')) ? 1 : 0;
    const saved = await readFile(file, 'utf8')
      .then((text) => JSON.parse(text) as RouterTable)
      .catch(() => null);
    if (saved === null) lane.unreadable += 1;
    else if (saved.settings.slowMs < answered) lane.lost += 1;
    // A change that was saved and not answered any more counts as known from here on.
    answered = Math.max(answered, saved?.settings.slowMs ?? 0);
  }
  await rm(folder, { recursive: true, force: true });
  return lane;
}

/** Answers the last change that the router confirmed before it was killed. */
async function liveAndDie(folder: string, known: number, lane: Lane): Promise<number> {
  const socket = path.join(folder, 'admin.sock');
  const begun = performance.now();
  const child = await start([process.execPath, programFile('host/router/main.js'), folder], null);
  for (;;) {
    const state = await askAdmin<RouterState>(socket, 'GET', '/state').catch(() => null);
    if (state?.pid === child.pid) break;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  lane.startMs.push(performance.now() - begun);
  setTimeout(() => void child.end('SIGKILL'), Math.random() * LONGEST_LIFE_MS);
  let answered = known;
  for (let wish = known + 1; ; wish += 1) {
    const body = { slowMs: wish, drainMs: 1_000 };
    const state = await askAdmin<RouterState>(socket, 'PUT', '/settings', { body }).catch(() => null);
    if (state === null) break;
    answered = wish;
  }
  await child.ended;
  return answered;
}
