/** How much the router carries, what it adds to an answer and what it takes, beside no proxy, http-proxy-3, HAProxy and nginx. */
import { fullLoad, loadTool } from './support/full-load';
import { median } from './support/median';
import { freePort, proxies, type Proxy, type ProxyKind } from './support/proxies';
import type { BenchResult } from './support/result';
import { startScript } from './support/spawned';

const ROUNDS = 3;
const FULL_SECONDS = 5;
const WARM_UP_SECONDS = 2;
const PACED_PER_SECOND = 1_000;
const PACED_SECONDS = 5;

interface Round {
  readonly perSecond: number;
  readonly failed: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cpuUs: number | null;
  readonly rssMb: number | null;
}

export async function run(): Promise<BenchResult> {
  const ports = [await freePort(), await freePort()];
  const instances = await Promise.all(ports.map((port) => startScript('backend', String(port), 'a', '0')));
  const kinds = proxies();
  const rounds = new Map<string, Round[]>(kinds.map((kind) => [kind.name, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const kind of kinds) rounds.get(kind.name)?.push(await measure(kind, ports));
  await Promise.all(instances.map((instance) => instance.end('SIGKILL')));
  return report(rounds);
}

async function measure(kind: ProxyKind, ports: readonly number[]): Promise<Round> {
  const proxy = await kind.open(ports);
  try {
    await fullLoad(proxy.port, WARM_UP_SECONDS);
    const full = await measureFull(proxy);
    const client = await startScript(
      'paced-client',
      String(proxy.port),
      String(PACED_PER_SECOND),
      String(PACED_SECONDS),
    );
    const paced = JSON.parse(client.lines[0] ?? '{}') as { failed: number; p50Us: number; p99Us: number };
    await client.ended;
    return { ...full, failed: full.failed + paced.failed, p50Us: paced.p50Us, p99Us: paced.p99Us };
  } finally {
    await proxy.end();
  }
}

async function measureFull(proxy: Proxy): Promise<Omit<Round, 'p50Us' | 'p99Us'>> {
  const before = proxy.process?.cpuMs() ?? 0;
  const { perSecond, failed } = await fullLoad(proxy.port, FULL_SECONDS);
  if (proxy.process === null) return { perSecond, failed, cpuUs: null, rssMb: null };
  const cpuUs = ((proxy.process.cpuMs() - before) * 1_000) / (perSecond * FULL_SECONDS);
  return { perSecond, failed, cpuUs, rssMb: proxy.process.rssBytes() / 2 ** 20 };
}

function report(rounds: ReadonlyMap<string, readonly Round[]>): BenchResult {
  const of = (name: string, figure: keyof Round): number =>
    median((rounds.get(name) ?? []).map((round) => round[figure] ?? NaN));
  const ms = (us: number): string => (us / 1_000).toFixed(2);
  const shown = (value: number, digits: number): string => (Number.isNaN(value) ? '-' : value.toFixed(digits));
  const rows = [...rounds.keys()].map((name) => [
    name,
    Math.round(of(name, 'perSecond')).toLocaleString('en'),
    (of(name, 'perSecond') / of('http-proxy-3', 'perSecond')).toFixed(2),
    ms(of(name, 'p50Us')),
    ms(of(name, 'p50Us') - of('direct', 'p50Us')),
    ms(of(name, 'p99Us')),
    shown(of(name, 'cpuUs'), 1),
    shown(of(name, 'rssMb'), 0),
    String((rounds.get(name) ?? []).reduce((sum, round) => sum + round.failed, 0)),
  ]);
  return {
    title: 'Router: throughput, added latency, processor and memory',
    columns: ['proxy', 'req/s', 'x http-proxy-3', 'p50 ms', 'added p50', 'p99 ms', 'CPU us/req', 'RSS MB', 'failed'],
    rows,
    notes: [
      `req/s, CPU and RSS: ${loadTool()}, 32 connections, ${FULL_SECONDS} s; p50 and p99: ${PACED_PER_SECOND} requests/s for ${PACED_SECONDS} s`,
      `medians of ${ROUNDS} rounds, rivals in turn in each; load, proxy and two instances share this machine`,
      'goals: 20,000 req/s on two idle cores and twice http-proxy-3; at most 1 ms added; no failure',
    ],
  };
}
