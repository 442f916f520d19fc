/** From the first bad answer to the last, as a client sees it: 12 % errors on all traffic of 100 requests a second. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startCounting, type CountingClient } from '../scripts/counting-client';
import { benchStack, type BenchStack } from './support/bench-app';
import { progress, type BenchResult } from './support/result';
import { inDigits, quantile } from './support/spread';

const RUNS = 20;
const PER_SECOND = 100;
const BAD_SHARE = 0.12;
const GOAL_SECONDS = 15;
/** After the end of a deployment, for bad answers that come late. */
const AFTER_MS = 1_000;

interface Detection {
  readonly outcome: string;
  readonly seconds: number;
  readonly bad: number;
  readonly requests: number;
}

export async function run(): Promise<BenchResult> {
  const stack = await benchStack();
  const detections: Detection[] = [];
  try {
    await stack.deploy('1.0.0');
    const client = startCounting({
      url: `http://127.0.0.1:${stack.port}`,
      perSecond: PER_SECOND,
      mix: [{ method: 'GET', path: '/work', share: 1 }],
    });
    try {
      for (let n = 1; n <= RUNS; n += 1) {
        detections.push(await detect(stack, client, n));
        if (n % 5 === 0) progress(`${n} of ${RUNS} bad deployments, the last one ${JSON.stringify(detections.at(-1))}`);
      }
    } finally {
      await client.stop();
    }
  } finally {
    await stack.close();
  }
  return report(detections);
}

async function detect(stack: BenchStack, client: CountingClient, n: number): Promise<Detection> {
  const section = `run ${n}`;
  client.mark(section);
  const { outcome } = await stack.deploy(`2.${n}.0`, { watch: '30s', bad: BAD_SHARE });
  await sleep(AFTER_MS);
  const { firstBadAt, lastBadAt, requests, failures } = client.snapshot(section);
  if (firstBadAt === null || lastBadAt === null) throw new Error(`deployment ${n} gave no bad answer: ${outcome}`);
  return { outcome, seconds: (lastBadAt - firstBadAt) / 1_000, bad: failures, requests };
}

function report(detections: readonly Detection[]): BenchResult {
  const seconds = detections.map((detection) => detection.seconds);
  const p95 = quantile(seconds, 0.95);
  const rolledBack = detections.filter(({ outcome }) => outcome === 'rolled-back').length;
  const row = (what: string, values: readonly number[], digits: number): string[] => [
    what,
    ...[0, 0.5, 0.95, 1].map((part) => inDigits(quantile(values, part), digits)),
  ];
  return {
    title: `Detection: ${BAD_SHARE * 100} % errors at 100 % of the traffic, ${PER_SECOND} requests/s`,
    columns: ['', 'least', 'p50', 'p95', 'most'],
    rows: [
      row('first bad answer to last, s', seconds, 2),
      row(
        'bad answers',
        detections.map(({ bad }) => bad),
        0,
      ),
    ],
    notes: [
      `${detections.length} deployments one after another, each upon the same good release; counted by the client, not by the router`,
      'health is green all the while; errors are drawn by chance, each request by itself',
    ],
    goals: [
      {
        what: 'first bad answer to last, p95',
        figure: `${inDigits(p95, 2)} s`,
        goal: `at most ${GOAL_SECONDS} s`,
        isMet: p95 <= GOAL_SECONDS,
      },
      {
        what: 'bad deployments that were rolled back',
        figure: `${rolledBack} of ${detections.length}`,
        goal: 'all',
        isMet: rolledBack === detections.length,
      },
    ],
  };
}
