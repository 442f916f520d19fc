/** From the first bad answer to the last, as a client sees it: 12 % errors on all traffic of 100 requests a second. */
import { median, share } from '../domain/numbers';
import { startCounting } from '../scripts/counting-client';
import { benchStack } from './support/bench-app';
import type { BenchResult } from './support/result';

const RUNS = 20;
const BAD_SHARE = 0.12;

export async function run(): Promise<BenchResult> {
  const stack = await benchStack();
  try {
    await stack.deploy('1.0.0');
    const client = startCounting({
      url: `http://127.0.0.1:${stack.port}`,
      perSecond: 100,
      mix: [{ method: 'GET', path: '/work', share: 1 }],
    });
    const spans: number[] = [];
    const bad: number[] = [];
    const outcomes = new Set<string>();
    for (let n = 1; n <= RUNS; n++) {
      client.mark(`run ${n}`);
      const { outcome } = await stack.deploy(`2.${n}.0`, { watch: '30s', bad: BAD_SHARE });
      const counts = client.snapshot(`run ${n}`);
      outcomes.add(outcome);
      spans.push(((counts.lastBadAt ?? 0) - (counts.firstBadAt ?? 0)) / 1000);
      bad.push(counts.requests - counts.ok);
    }
    await client.stop();
    const row = (values: number[], digits: number): string[] =>
      [0.5, 0.95, 1].map((part) => (share(values, part) ?? 0).toFixed(digits));
    return {
      title: `12 % errors at 100 % of the traffic, 100 requests/s, ${RUNS} deployments (${[...outcomes].join(', ')})`,
      columns: ['', 'p50', 'p95', 'max'],
      rows: [
        ['first bad answer to last, s', ...row(spans, 2)],
        ['bad answers', ...row(bad, 0)],
      ],
      notes: [
        `median span ${(median(spans) ?? 0).toFixed(2)} s; goal p95 15 s`,
        'counted by the client, not by the router',
      ],
    };
  } finally {
    await stack.close();
  }
}
