/** How much the router carries, what it adds to an answer and what it takes, beside no proxy, http-proxy-3, HAProxy and nginx. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTIONS, fullLoad, loadTool } from './support/full-load';
import { direct, haproxy, httpProxy3, nginx, router, versionsOf, type Proxy, type ProxyKind } from './support/proxies';
import { progress, type BenchResult, type Goal } from './support/result';
import { startScript } from './support/spawned';
import { inDigits, middle, spread } from './support/spread';

const KINDS: readonly ProxyKind[] = [direct, router, httpProxy3, haproxy, nginx];
const ROUNDS = 5;
const FULL_SECONDS = 3;
const WARM_UP_SECONDS = 2;
const PACED_PER_SECOND = 1_000;
const PACED_SECONDS = 2;
/** From the last load to the last look at the memory. */
const REST_MS = 2_000;
const SAMPLE_MS = 100;

interface Round {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly failed: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

interface Measured {
  readonly kind: ProxyKind;
  readonly proxy: Proxy;
  readonly rounds: Round[];
  readonly rssMb: { idle: number; load: number; after: number };
}

export async function run(): Promise<BenchResult> {
  const instances = [await startScript('backend', 'a', 0), await startScript('backend', 'a', 0)];
  const ports = instances.map(({ lines }) => Number(lines[0]));
  const all: Measured[] = [];
  try {
    for (const kind of KINDS) if (kind.version() !== null) all.push(await open(kind, ports));
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const each of all) each.rounds.push(await measure(each));
      progress(`round ${round} of ${ROUNDS}: ${all.map(lastRound).join(', ')}`);
    }
    await sleep(REST_MS);
    for (const each of all) each.rssMb.after = rssMbOf(each.proxy);
  } finally {
    await Promise.all(all.map(({ proxy }) => proxy.end()));
    await Promise.all(instances.map((instance) => instance.end('SIGKILL')));
  }
  return report(all);
}

async function open(kind: ProxyKind, ports: readonly number[]): Promise<Measured> {
  const proxy = await kind.open(ports);
  const rssMb = { idle: rssMbOf(proxy), load: 0, after: 0 };
  await fullLoad(proxy.port, WARM_UP_SECONDS);
  return { kind, proxy, rounds: [], rssMb };
}

async function measure({ proxy, rssMb }: Measured): Promise<Round> {
  const sampler = setInterval(() => (rssMb.load = Math.max(rssMb.load, rssMbOf(proxy))), SAMPLE_MS);
  const cpuMs = proxy.process?.cpuMs() ?? 0;
  const { perSecond, failed } = await fullLoad(proxy.port, FULL_SECONDS);
  const cpuSeconds = ((proxy.process?.cpuMs() ?? NaN) - cpuMs) / 1_000;
  clearInterval(sampler);
  const client = await startScript('paced-client', proxy.port, PACED_PER_SECOND, PACED_SECONDS);
  await client.ended;
  const paced = JSON.parse(client.lines[0] ?? '{}') as { failed: number; p50Us: number; p99Us: number };
  const perCpuSecond = (perSecond * FULL_SECONDS) / cpuSeconds;
  return { perSecond, perCpuSecond, failed: failed + paced.failed, p50Us: paced.p50Us, p99Us: paced.p99Us };
}

const rssMbOf = (proxy: Proxy): number => (proxy.process?.rssBytes() ?? NaN) / 2 ** 20;

const lastRound = ({ kind, rounds }: Measured): string =>
  `${kind.name} ${inDigits(rounds.at(-1)?.perSecond ?? NaN, 0)}/s`;

const failedOf = (rounds: readonly Round[]): number => rounds.reduce((sum, { failed }) => sum + failed, 0);

function report(all: readonly Measured[]): BenchResult {
  const absent = KINDS.filter((kind) => kind.version() === null);
  return {
    title: 'Router: throughput, added latency, processor time and memory',
    columns: [
      'proxy',
      'req/s',
      'x hp3',
      'req per CPU second',
      'x hp3',
      'p50 ms',
      'added',
      'p99 ms',
      'RSS MB idle / load / after',
      'failed',
    ],
    rows: [...all.map((each) => row(each, all)), ...absent.map(({ name }) => [name, 'not installed'])],
    notes: [
      `medians (least-most) of ${ROUNDS} rounds, all proxies in turn in each; ${versionsOf(KINDS.filter((kind) => kind !== direct))}`,
      `req/s: ${loadTool()}, ${CONNECTIONS} connections, ${FULL_SECONDS} s a round; p50, p99: ${PACED_PER_SECOND} requests/s for ${PACED_SECONDS} s`,
      'load, proxy and two instances share the cores; requests per second of processor time of the proxy itself depend less on them',
      'x hp3: times http-proxy-3, added: to no proxy, medians of what they are in each round; RSS: most under full load, and 2 s after',
    ],
    goals: goals(all),
  };
}

function row({ kind, rounds, rssMb }: Measured, all: readonly Measured[]): string[] {
  const { perSecond, perCpuSecond, addedMs } = compared(kind, all);
  return [
    kind.name,
    spread(rounds.map((round) => round.perSecond)),
    inDigits(perSecond.times, 2),
    kind === direct ? '-' : spread(rounds.map((round) => round.perCpuSecond)),
    inDigits(perCpuSecond.times, 2),
    spread(
      rounds.map(({ p50Us }) => p50Us / 1_000),
      2,
    ),
    inDigits(addedMs, 2),
    inDigits(middle(rounds.map(({ p99Us }) => p99Us / 1_000)), 1),
    [rssMb.idle, rssMb.load, rssMb.after].map((mb) => inDigits(mb, 0)).join(' / '),
    String(failedOf(rounds)),
  ];
}

function goals(all: readonly Measured[]): Goal[] {
  const { perSecond, perCpuSecond, addedMs } = compared(router, all);
  const failed = failedOf(all.find(({ kind }) => kind === router)?.rounds ?? []);
  const added = `${inDigits(addedMs, 2)} ms`;
  return [
    atLeast('requests a second', perSecond.median, 20_000),
    atLeast('times http-proxy-3', perSecond.times, 2),
    atLeast('times http-proxy-3 per second of processor time', perCpuSecond.times, 2),
    { what: `added p50 at ${PACED_PER_SECOND} requests/s`, figure: added, goal: 'at most 1 ms', isMet: addedMs <= 1 },
    { what: 'failed requests', figure: String(failed), goal: '0', isMet: failed === 0 },
  ];
}

/** Medians of one kind, and of what it is round by round beside http-proxy-3 and no proxy: what slows a whole round is left out. */
function compared(kind: ProxyKind, all: readonly Measured[]) {
  const of = (other: ProxyKind, figure: keyof Round): number[] =>
    all.find((each) => each.kind === other)?.rounds.map((round) => round[figure]) ?? [];
  const beside = (figure: keyof Round) => {
    const rivals = of(httpProxy3, figure);
    const own = of(kind, figure);
    return { median: middle(own), times: middle(own.map((value, round) => value / (rivals[round] ?? NaN))) };
  };
  const without = of(direct, 'p50Us');
  return {
    perSecond: beside('perSecond'),
    perCpuSecond: beside('perCpuSecond'),
    addedMs: middle(of(kind, 'p50Us').map((us, round) => (us - (without[round] ?? NaN)) / 1_000)),
  };
}

function atLeast(what: string, value: number, goal: number): Goal {
  const digits = goal < 100 ? 2 : 0;
  return { what, figure: inDigits(value, digits), goal: `at least ${inDigits(goal, 0)}`, isMet: value >= goal };
}
