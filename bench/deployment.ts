/** A whole deployment with no-op steps: the engine's own seconds, and the events of its history for a short and a longer watch. */
import { median } from '../domain/numbers';
import { benchStack } from './support/bench-app';
import type { BenchResult } from './support/result';

const RUNS = 5;

export async function run(): Promise<BenchResult> {
  const stack = await benchStack();
  try {
    await stack.deploy('1.0.0');
    const rows = [];
    for (const [watch, seconds] of [
      ['1s', 1],
      ['5s', 5],
      ['20s', 20],
    ] as const) {
      const runs = [];
      for (let n = 0; n < (seconds > 5 ? 1 : RUNS); n++) runs.push(await stack.deploy(`${seconds}.${n}.0`, { watch }));
      const own = runs.map((deployment) => deployment.seconds - 1 - seconds);
      rows.push([
        `watch ${watch}`,
        String(runs.length),
        (median(own) ?? 0).toFixed(2),
        Math.max(...own).toFixed(2),
        String(median(runs.map((deployment) => deployment.events)) ?? 0),
        [...new Set(runs.map((deployment) => deployment.outcome))].join(', '),
      ]);
    }
    return {
      title: 'A whole deployment, staging and production, one instance each, no tests, no approval',
      columns: ['', 'runs', 'own s (median)', 'own s (max)', 'history events', 'outcome'],
      rows,
      notes: [
        'own seconds: the deployment without its two watches; goal 2 s',
        'events: goal at most 300, the same for every watch',
      ],
    };
  } finally {
    await stack.close();
  }
}
