/** Sixty releases one after another under load, the old one stopped each time: what clients lose, and how soon the old one is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { versionsOf, type Proxy } from './support/proxies';
import { progress, type BenchResult } from './support/result';
import { startScript, type Spawned } from './support/spawned';
import { inDigits, middle, quantile, spread } from './support/spread';
import { SWITCHERS, type Side, type Switcher } from './support/switchers';

const SWITCHES = 60;
const REQUESTS = 75_000;
const CONNECTIONS = 20;
const INSTANCE_MS = 4;
/** Between two switches: until the client has sent its share of the requests, but neither shorter nor longer than this. */
const PAUSE_MS = { least: 100, most: 3_000 };
const POLL_MS = 20;
const ROUTED_GOAL_MS = 50;

interface Counted {
  readonly requests: number;
  readonly failed: Readonly<Record<string, number>>;
}

interface Times {
  readonly commandMs: number[];
  /** From just before the command to the last request that reached the old release. */
  readonly lastRoutedMs: number[];
  readonly drainMs: number[];
}

interface Release extends Side {
  readonly process: Spawned;
}

export async function run(): Promise<BenchResult> {
  const rows: string[][] = [];
  let own: (Counted & Times) | null = null;
  for (const switcher of SWITCHERS) {
    if (switcher.kind.version() === null) {
      rows.push([switcher.kind.name, 'not installed']);
      continue;
    }
    const measured = await measure(switcher);
    own ??= measured;
    rows.push(row(switcher.kind.name, measured));
  }
  return {
    title: `Router: ${SWITCHES} switches under load, the old release stopped after each`,
    columns: ['proxy', 'requests', 'failed', 'command ms', 'last to old ms', 'p99', 'drained ms', 'how they failed'],
    rows,
    notes: [
      `one round of ${SWITCHES} switches each; times are medians (least-most); ${versionsOf(SWITCHERS.map(({ kind }) => kind))}`,
      ...SWITCHERS.map(({ kind, how }) => `${kind.name}: ${how}`),
      `${CONNECTIONS} kept connections, a fifth POST, nothing retried; instances answer after ${INSTANCE_MS} ms, one in a hundred after 200 ms`,
      'last to old: from just before the command to the last request that reached the old release, as that release saw it',
    ],
    goals: own === null ? [] : goals(own),
  };
}

function goals({ requests, failed, lastRoutedMs }: Counted & Times): BenchResult['goals'] {
  const p99 = quantile(lastRoutedMs, 0.99);
  return [
    { what: 'failed requests', figure: String(total(failed)), goal: '0', isMet: total(failed) === 0 },
    {
      what: 'requests',
      figure: inDigits(requests, 0),
      goal: `at least ${inDigits(REQUESTS, 0)}`,
      isMet: requests >= REQUESTS,
    },
    {
      what: 'last request to the old release, p99',
      figure: `${inDigits(p99, 1)} ms`,
      goal: `at most ${ROUTED_GOAL_MS} ms`,
      isMet: p99 <= ROUTED_GOAL_MS,
    },
  ];
}

async function measure(switcher: Switcher): Promise<Counted & Times> {
  const { kind } = switcher;
  let before = await startRelease(0);
  const proxy = await kind.open([before.port]);
  const client = await startScript('crowd-client', proxy.port, CONNECTIONS);
  const times: Times = { commandMs: [], lastRoutedMs: [], drainMs: [] };
  try {
    for (let n = 1; n <= SWITCHES; n += 1) {
      await pause(client, (n * REQUESTS) / SWITCHES);
      const next = await startRelease(n);
      await switchOver({ switcher, proxy, next, before, times });
      before = next;
      if (n % 20 === 0) progress(`${kind.name}: ${n} of ${SWITCHES} switches, ${JSON.stringify(countedBy(client))}`);
    }
    await client.end();
    return { ...times, ...countedBy(client) };
  } finally {
    await client.end('SIGKILL');
    await proxy.end();
    await before.process.end('SIGKILL');
  }
}

interface Over {
  readonly switcher: Switcher;
  readonly proxy: Proxy;
  readonly next: Release;
  readonly before: Release;
  readonly times: Times;
}

async function switchOver({ switcher, proxy, next, before, times }: Over): Promise<void> {
  await switcher.prepare(proxy, next);
  const begun = performance.now();
  await switcher.switchTo(proxy, next, before);
  const answered = performance.now();
  await switcher.drain(proxy, before);
  times.commandMs.push(answered - begun);
  times.drainMs.push(performance.now() - answered);
  await before.process.end();
  const { lastAt } = JSON.parse(before.process.lines.at(-1) ?? '{}') as { lastAt: number };
  times.lastRoutedMs.push(Math.max(0, lastAt - (performance.timeOrigin + begun)));
}

async function startRelease(n: number): Promise<Release> {
  const name = n === 0 ? 'a' : `v${n}`;
  const process = await startScript('backend', name, INSTANCE_MS, 'slow');
  return { name, port: Number(process.lines[0]), slot: n % 2 === 0 ? 0 : 1, process };
}

async function pause(client: Spawned, requests: number): Promise<void> {
  const begun = performance.now();
  await sleep(PAUSE_MS.least);
  while (countedBy(client).requests < requests && performance.now() - begun < PAUSE_MS.most) await sleep(POLL_MS);
}

const countedBy = (client: Spawned): Counted =>
  JSON.parse(client.lines.at(-1) ?? '{"requests":0,"failed":{}}') as Counted;

const total = (failed: Counted['failed']): number => Object.values(failed).reduce((sum, count) => sum + count, 0);

function row(name: string, { requests, failed, commandMs, lastRoutedMs, drainMs }: Counted & Times): string[] {
  return [
    name,
    inDigits(requests, 0),
    String(total(failed)),
    spread(commandMs, 1),
    spread(lastRoutedMs, 1),
    inDigits(quantile(lastRoutedMs, 0.99), 1),
    inDigits(middle(drainMs), 0),
    Object.entries(failed)
      .map(([what, count]) => `${count} ${what}`)
      .join(', '),
  ];
}
