/**
 * The promise: from the first bad answer to the last, when a canary at 10 % of 100 requests a second goes bad after 60 good seconds.
 * Whole deployments on a real stack; beside them the rules of others, on the same faults under the same load.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askAdmin } from '../system/admin';
import { OURS, RULES } from './judge/rules';
import { scratchFolder } from './support/ending';
import { openLanes, type Lane } from './support/lanes';
import { knowInstances } from './support/proven-home';
import { freePort, local, router, type Proxy } from './support/proxies';
import { progress, type BenchResult } from './support/result';
import { start } from './support/spawned';
import { inDigits, quantile } from './support/spread';
import { streamFrom, type Seen } from './support/stream-client';

const PER_SECOND = 100;
const GOOD_SECONDS = 60;
const PERCENT = 10;
/** Deployments at the same time, each of an application of its own with a client of its own. */
const LANES = 8;
/** Rules are looked at for so long after the fault began. */
const RULE_SECONDS = 360;
/** After the end of a deployment, for bad answers that come late. */
const AFTER_MS = 6_000;

const KINDS = [
  { fault: 'errors-12', name: '12 % errors', runs: 30, ruleRuns: 3 },
  { fault: 'errors-50', name: '50 % errors', runs: 10, ruleRuns: 1 },
  { fault: 'errors-100', name: '100 % errors', runs: 10, ruleRuns: 1 },
  { fault: 'slow', name: 'three times slower', runs: 10, ruleRuns: 1 },
  { fault: 'crash', name: 'crash loop', runs: 10, ruleRuns: 1 },
  { fault: 'hang', name: 'hang, health green', runs: 10, ruleRuns: 1 },
  // Four minutes beside the old release each: whoever is never to miss a fault is easily wrong here.
  { fault: 'none', name: 'no fault', runs: 16, ruleRuns: 1 },
] as const;
type Kind = (typeof KINDS)[number];

interface Run {
  readonly kind: Kind;
  readonly outcome: string;
  /** What the deployment says of its end. */
  readonly reason: string;
  /** From the first bad request to the last, by when they were sent. */
  readonly seconds: number;
  readonly bad: number;
}

export async function run(): Promise<BenchResult> {
  const runs = await deployAll();
  const rules = await judgeAll();
  return report(runs, rules);
}

/** The fault in which every answer of the new release is bad once it has begun. */
const isSlow = ({ fault }: Kind): boolean => fault === 'slow';

function badOf(kind: Kind, seen: readonly Seen[]): readonly Seen[] {
  const newFrom = seen.find(({ release, status }) => release === 'new' && status === 200)?.sentAt ?? Infinity;
  const onset = newFrom + GOOD_SECONDS * 1_000;
  const isBad = ({ status, release, sentAt }: Seen): boolean =>
    isSlow(kind) ? release === 'new' && sentAt >= onset : status === 0 || status >= 500;
  return seen.filter(isBad).sort((a, b) => a.sentAt - b.sentAt);
}

async function deployAll(): Promise<readonly Run[]> {
  const opened = await openLanes(LANES);
  const wanted = KINDS.flatMap((kind) => Array.from({ length: kind.runs }, () => kind));
  const runs: Run[] = [];
  const walk = async (lane: Lane): Promise<void> => {
    await lane.deploy('1.0.0', { kind: 'none', afterSeconds: 0 });
    for (let kind = wanted.shift(); kind !== undefined; kind = wanted.shift()) {
      runs.push(await deployOne(lane, kind, `2.0.${wanted.length}`));
      progress(`${runs.length}: ${told(runs.at(-1))}`);
    }
  };
  try {
    await Promise.all(opened.lanes.map(walk));
  } finally {
    await opened.close();
  }
  return runs;
}

const told = (run: Run | undefined): string =>
  run === undefined
    ? ''
    : `${run.kind.name}: ${run.outcome}, ${inDigits(run.seconds, 2)} s, ${run.bad} bad${run.bad === 0 ? `: ${run.reason}` : ''}`;

async function deployOne(lane: Lane, kind: Kind, version: string): Promise<Run> {
  const client = streamFrom(lane.port, PER_SECOND, version);
  try {
    const { outcome, reason } = await lane.deploy(version, { kind: kind.fault, afterSeconds: GOOD_SECONDS });
    await sleep(AFTER_MS);
    const bad = badOf(kind, client.seen);
    const seconds = bad.length === 0 ? NaN : ((bad.at(-1)?.sentAt ?? 0) - (bad[0]?.sentAt ?? 0)) / 1_000;
    return { kind, outcome, reason: reason ?? '', seconds, bad: bad.length };
  } finally {
    await client.stop();
  }
}

interface Ruled {
  readonly kind: Kind;
  readonly rule: string;
  /** From the first bad answer to the alarm; null: none came. */
  readonly seconds: number | null;
  readonly bad: number;
}

/** Every rule on the same streams: a router, an old and a new instance, and nobody who goes back. */
async function judgeAll(): Promise<readonly Ruled[]> {
  const wanted = KINDS.flatMap((kind) => Array.from({ length: kind.ruleRuns }, () => kind));
  progress(`rules of others: ${wanted.length} streams of ${GOOD_SECONDS + RULE_SECONDS} s at the same time`);
  return (await Promise.all(wanted.map(judgeOne))).flat();
}

async function judgeOne(kind: Kind): Promise<readonly Ruled[]> {
  const old = await instance('none', 'old');
  const fresh = await instance(kind.fault, 'new');
  const proxy = await router.open([old.port]);
  try {
    await split(proxy, fresh.port);
    const client = streamFrom(proxy.port, PER_SECOND, 'new');
    await sleep((GOOD_SECONDS + RULE_SECONDS) * 1_000);
    await client.stop();
    return RULES.map((rule) => ruled(kind, rule, client.seen));
  } finally {
    await Promise.all([proxy.end(), old.end(), fresh.end()]);
  }
}

async function instance(fault: string, version: string): Promise<{ port: number; end(): Promise<void> }> {
  const port = await freePort();
  const env = { PORT: port, FAULT: fault, FAULT_AFTER: GOOD_SECONDS, APP_VERSION: version };
  const assigned = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  // One that crashes writes it down where it is.
  const spawned = await start([
    'env',
    '-C',
    await scratchFolder(),
    ...assigned,
    process.execPath,
    require.resolve('./support/faulty'),
  ]);
  return { port, end: () => spawned.end('SIGKILL') };
}

async function split({ folder }: Proxy, port: number): Promise<void> {
  const socket = path.join(folder, 'admin.sock');
  while (!existsSync(socket)) await sleep(20); // it listens for users first
  await knowInstances(folder, 'new', [port]);
  await askAdmin(socket, 'PUT', '/releases/new', { body: { instances: [local(port)] } });
  await askAdmin(socket, 'PUT', '/weights', { body: { weights: { a: 100 - PERCENT, new: PERCENT }, lease: null } });
}

function ruled(kind: Kind, rule: (typeof RULES)[number], seen: readonly Seen[]): Ruled {
  const bad = badOf(kind, seen);
  const firstAt = bad[0]?.at ?? seen[0]?.at ?? 0;
  const judge = rule.begin();
  for (const answer of seen) {
    judge.take(answer);
    if (!judge.hasAlarm()) continue;
    const until = bad.filter(({ at }) => at <= answer.at).length;
    return { kind, rule: rule.name, seconds: (answer.at - firstAt) / 1_000, bad: until };
  }
  return { kind, rule: rule.name, seconds: null, bad: bad.length };
}

function report(runs: readonly Run[], rules: readonly Ruled[]): BenchResult {
  const of = (kind: Kind): readonly Run[] => runs.filter((run) => run.kind === kind);
  const rolledBack = (kind: Kind): number => of(kind).filter(({ outcome }) => outcome === 'rolled-back').length;
  const ours = KINDS.map((kind) => {
    const seconds = of(kind).flatMap((each) => (each.bad === 0 ? [] : [each.seconds]));
    const bad = of(kind).map((each) => each.bad);
    const parts = [0.5, 0.95, 1].map((part) => inDigits(quantile(seconds, part), 1));
    const counts = [0.5, 0.95].map((part) => inDigits(quantile(bad, part), 0));
    return [kind.name, 'mvca, whole deployments', `${rolledBack(kind)} of ${of(kind).length}`, ...parts, ...counts];
  });
  const theirs = KINDS.flatMap((kind) =>
    RULES.filter((rule) => rule !== OURS).map(({ name }) => ruleRow(kind, name, rules)),
  );
  const faulty = runs.filter(({ kind }) => kind.fault !== 'none');
  const calm = runs.filter(({ kind }) => kind.fault === 'none');
  const twelve = of(KINDS[0]).flatMap(({ seconds, bad }) => (bad === 0 ? [] : [seconds]));
  const [p50, p95] = [quantile(twelve, 0.5), quantile(twelve, 0.95)];
  return {
    title: `The promise: a canary at ${PERCENT} % of ${PER_SECOND} requests/s goes bad after ${GOOD_SECONDS} good seconds`,
    columns: ['fault', 'rule', 'went back', 'p50 s', 'p95 s', 'most s', 'bad p50', 'bad p95'],
    rows: [...ours, ...theirs],
    notes: [
      'seconds from the first bad request to the last, by when a client sent them; it counts every answer, and none within 5 s as bad',
      `mvca: whole deployments on a real stack, ${LANES} at the same time; “three times slower”: every answer of the new release after the fault began is counted as bad`,
      `rules of others: on recorded streams of the same faults, load and router, seconds from the first bad answer to the alarm; -: none within ${RULE_SECONDS} s`,
    ],
    goals: [
      goal('12 % errors, p50', p50, 5),
      goal('12 % errors, p95', p95, 15),
      {
        what: 'bad deployments that went back before they were bad',
        figure: `${faulty.filter(({ bad }) => bad === 0).length} of ${faulty.length}`,
        goal: 'none',
        isMet: faulty.every(({ bad }) => bad > 0),
      },
      {
        what: 'bad deployments that were rolled back',
        figure: `${faulty.filter(({ outcome }) => outcome === 'rolled-back').length} of ${faulty.length}`,
        goal: 'all',
        isMet: faulty.every(({ outcome }) => outcome === 'rolled-back'),
      },
      {
        what: 'good deployments that succeeded',
        figure: `${calm.filter(({ outcome }) => outcome === 'succeeded').length} of ${calm.length}`,
        goal: 'all',
        isMet: calm.every(({ outcome }) => outcome === 'succeeded'),
      },
    ],
  };
}

function ruleRow(kind: Kind, rule: string, rules: readonly Ruled[]): string[] {
  const each = rules.filter((ruledOne) => ruledOne.kind === kind && ruledOne.rule === rule);
  const alarmed = each.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
  const all = each.map(({ seconds }) => seconds ?? Infinity).sort((a, b) => a - b);
  const show = (part: number): string => {
    const value = all[Math.ceil(part * all.length) - 1] ?? Infinity;
    return Number.isFinite(value) ? inDigits(value, 1) : '-';
  };
  const bad = each.map((one) => one.bad);
  const counts = [0.5, 0.95].map((part) => inDigits(quantile(bad, part), 0));
  return [kind.name, rule, `${alarmed.length} of ${each.length}`, show(0.5), show(0.95), show(1), ...counts];
}

const goal = (what: string, seconds: number, most: number): BenchResult['goals'][number] => ({
  what,
  figure: `${inDigits(seconds, 2)} s`,
  goal: `at most ${most} s`,
  isMet: seconds <= most,
});
