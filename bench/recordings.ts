/**
 * Whole deployments whose watches are recorded and judged again: the running watch and `mvca judge` must say the same at the same moment.
 * All kinds of faults, clients that come at a rate and clients that wait for their answers, few and many, canary and all at once.
 */
import { copyFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { judgeFile } from '../client/judge-file';
import { ALPHA } from '../domain/judge/judge';
import { startClosedLoop } from './support/closed-loop';
import { scratchFolder } from './support/ending';
import { openLanes, type Lane } from './support/lanes';
import { progress, type BenchResult } from './support/result';
import { streamFrom } from './support/stream-client';

const FAULTS = ['none', 'errors-12', 'errors-50', 'errors-100', 'slow', 'hang', 'crash'] as const;
/** Good seconds of the new release. */
const AFTER_SECONDS = 2;
const LANES = 4;
/** Folder to which the recordings are copied; left out: they go. */
const kept = process.env['MVCA_KEEP_RECORDINGS'];

interface Loop {
  readonly name: string;
  start(port: number): { stop(): Promise<unknown> };
}

const LOOPS: readonly Loop[] = [
  { name: 'open, 100 a second', start: (port) => streamFrom(port, 100, 'new') },
  { name: 'open, 5 a second', start: (port) => streamFrom(port, 5, 'new') },
  { name: 'closed, 20 clients', start: (port) => startClosedLoop(port, 20) },
  { name: 'closed, 3 clients', start: (port) => startClosedLoop(port, 3) },
];

const STRATEGIES = {
  'blue-green': '{ kind: blue-green }',
  canary: '{ kind: canary, steps: [25%, 100%], each: 4s, onInsufficient: rollback }',
} as const;

interface Case {
  readonly fault: (typeof FAULTS)[number];
  readonly loop: Loop;
  readonly strategy: keyof typeof STRATEGIES;
}

const CASES: readonly Case[] = FAULTS.flatMap((fault) =>
  LOOPS.flatMap((loop) => (['blue-green', 'canary'] as const).map((strategy) => ({ fault, loop, strategy }))),
);

interface Done extends Case {
  readonly outcome: string;
}

export async function run(): Promise<BenchResult> {
  const folder = await scratchFolder();
  const done = await deployAll(folder);
  const compared = await compareAll(folder);
  if (kept !== undefined)
    for (const file of await readdir(folder)) await copyFile(path.join(folder, file), path.join(kept, file));
  return report(done, compared);
}

async function deployAll(recordings: string): Promise<readonly Done[]> {
  const opened = await openLanes(LANES, { MVCA_WATCH_RECORDINGS: recordings });
  const wanted = [...CASES];
  const done: Done[] = [];
  const walk = async (lane: Lane): Promise<void> => {
    await lane.deploy('1.0.0', { kind: 'none', afterSeconds: 0 }, settingsOf('blue-green'));
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      const outcome = await deployOne(lane, next, `2.0.${wanted.length}`);
      done.push({ ...next, outcome });
      progress(`${done.length} of ${CASES.length}: ${next.fault}, ${next.loop.name}, ${next.strategy}: ${outcome}`);
    }
  };
  try {
    await Promise.all(opened.lanes.map(walk));
  } finally {
    await opened.close();
  }
  return done;
}

async function deployOne(lane: Lane, { fault, loop, strategy }: Case, version: string): Promise<string> {
  const clients = loop.start(lane.port);
  try {
    const { outcome } = await lane.deploy(version, { kind: fault, afterSeconds: AFTER_SECONDS }, settingsOf(strategy));
    return outcome;
  } finally {
    await clients.stop();
  }
}

const settingsOf = (strategy: keyof typeof STRATEGIES): string => `
    strategy: ${STRATEGIES[strategy]}
    watch: { for: 6s, minimum: 10, response: 1s, deadline: 1s }`;

interface Compared {
  readonly said: string;
  /** What differs; null: nothing. */
  readonly difference: string | null;
}

async function compareAll(folder: string): Promise<readonly Compared[]> {
  const compared: Compared[] = [];
  const usual = { errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30, alpha: ALPHA };
  for (const file of await readdir(folder))
    for await (const { verdict, said } of judgeFile(path.join(folder, file), { usual, given: {}, concat: false })) {
      if (said === null) continue; // the watch was ended from outside
      const expected = said.by === 'judge' ? { verdict: said.verdict, at: said.at } : { at: null };
      const found = said.by === 'judge' ? { verdict: verdict.verdict, at: verdict.at } : { at: verdict.at };
      const same = JSON.stringify(expected) === JSON.stringify(found);
      const difference = same ? null : `${file}: ${JSON.stringify(said)} and ${JSON.stringify(found)}`;
      compared.push({ said: `${said.verdict}, by ${said.by}`, difference });
    }
  return compared;
}

function report(done: readonly Done[], compared: readonly Compared[]): BenchResult {
  const outcomes = FAULTS.map((fault) => {
    const all = done.filter((one) => one.fault === fault);
    const of = (outcome: string) => String(all.filter((one) => one.outcome === outcome).length);
    return [fault, String(all.length), of('succeeded'), of('rolled-back')];
  });
  const differing = compared.flatMap(({ difference }) => difference ?? []);
  const kinds = [...new Set(compared.map(({ said }) => said))].sort();
  return {
    title: 'Recorded watches of whole deployments, judged again',
    columns: ['fault', 'deployments', 'succeeded', 'rolled back'],
    rows: outcomes,
    notes: [
      `${AFTER_SECONDS} good seconds, then the fault; each with ${LOOPS.map(({ name }) => name).join('; ')}; blue-green, and a canary of 25 %`,
      ...kinds.map((kind) => `${compared.filter(({ said }) => said === kind).length} watches said ${kind}`),
      ...differing,
    ],
    goals: [
      {
        what: 'watches that `mvca judge` judges otherwise, or at another moment',
        figure: `${differing.length} of ${compared.length}`,
        goal: 'none',
        isMet: differing.length === 0 && compared.length > 0,
      },
    ],
  };
}
