/** A whole deployment with no-op steps: the engine's own seconds, and the events of its history for a short and a longer watch. */
import { benchStack } from './support/bench-app';
import { progress, type BenchResult } from './support/result';
import { inDigits, middle, spread } from './support/spread';

const STAGING_WATCH_SECONDS = 1;
const WATCHES = [
  { seconds: 1, runs: 5 },
  { seconds: 5, runs: 5 },
  { seconds: 30, runs: 1 },
] as const;
const OWN_GOAL_SECONDS = 2;
const EVENTS_GOAL = 300;

interface Measured {
  readonly seconds: number;
  readonly own: readonly number[];
  readonly events: readonly number[];
  readonly outcomes: ReadonlySet<string>;
}

export async function run(): Promise<BenchResult> {
  const stack = await benchStack();
  const all: Measured[] = [];
  try {
    await stack.deploy('1.0.0');
    for (const { seconds, runs } of WATCHES) {
      const deployments = [];
      for (let n = 0; n < runs; n += 1)
        deployments.push(await stack.deploy(`${seconds}.${n}.1`, { watch: `${seconds}s` }));
      const measured = {
        seconds,
        own: deployments.map((deployment) => deployment.seconds - STAGING_WATCH_SECONDS - seconds),
        events: deployments.map(({ events }) => events),
        outcomes: new Set(deployments.map(({ outcome }) => outcome)),
      };
      progress(`watch of ${seconds} s: own seconds ${spread(measured.own, 2)}`);
      all.push(measured);
    }
  } finally {
    await stack.close();
  }
  return report(all);
}

function report(all: readonly Measured[]): BenchResult {
  const own = middle(all.flatMap((each) => each.own));
  const events = Math.max(...all.flatMap((each) => each.events));
  return {
    title: 'A whole deployment, staging and production, one instance each, no tests, no approval',
    columns: ['watch in production', 'runs', 'own s', 'history events', 'outcome'],
    rows: all.map((each) => [
      `${each.seconds} s`,
      String(each.own.length),
      spread(each.own, 2),
      spread(each.events),
      [...each.outcomes].join(', '),
    ]),
    notes: [
      'medians (least-most); own seconds: the deployment without its two watches, as the engine tells its duration',
      `the watch in staging takes ${STAGING_WATCH_SECONDS} s; nobody else uses the application meanwhile`,
    ],
    goals: [
      {
        what: 'own seconds, median of all',
        figure: inDigits(own, 2),
        goal: `at most ${OWN_GOAL_SECONDS}`,
        isMet: own <= OWN_GOAL_SECONDS,
      },
      {
        what: 'outcomes',
        figure: [...new Set(all.flatMap((each) => [...each.outcomes]))].join(', '),
        goal: 'succeeded',
        isMet: all.every(({ outcomes }) => outcomes.size === 1 && outcomes.has('succeeded')),
      },
      {
        what: 'history events, most',
        figure: String(events),
        goal: `at most ${EVENTS_GOAL}`,
        isMet: events <= EVENTS_GOAL,
      },
    ],
  };
}
