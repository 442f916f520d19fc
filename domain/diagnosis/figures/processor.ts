/** An instance that computes without a pause answers late or not at all: its event loop is blocked. One that waits answers neither. */
import { thousands, timedOut } from './answers';
import type { UseSample } from '../../host/runner';
import { percent } from '../../numbers';
import type { Facts, ReleaseFacts } from '../facts';
import type { FigureCause, LookAtFigures } from './finding';

/** Of one core: less is work that leaves room for answers. */
const WHOLE_CORE = 0.9;
/** Of one that gives no answer at all: on a machine with other work it gets no whole core. */
const MUCH_OF_A_CORE = 0.4;
const MOST_RECENT = 20;
const LEAST_SAMPLES = 2;

export const lookAtProcessor: LookAtFigures = (facts) => {
  const silent = facts.fresh.answers.filter(({ health, root }) =>
    [health, root].some(({ code }) => code === 'ETIMEDOUT'),
  );
  const busy = busiest(facts.fresh, silent.length > 0 ? MUCH_OF_A_CORE : WHOLE_CORE);
  const isLate = silent.length > 0 || timedOut(facts) || isAboutTime(facts);
  if (busy !== null && isLate) return [blocked(facts, busy, silent.length)];
  const [first] = silent;
  return first === undefined ? [] : [hangs(facts, first.instance)];
};

/** The watch gave up over slowness, a check without an answer, or the processor. */
const isAboutTime = ({ why }: Facts): boolean =>
  why !== null && (/slow|response|CPU/i.test(why.measure) || /no answer|did not answer/i.test(why.value));

interface Busy {
  readonly instance: string;
  readonly cpu: number;
  readonly samples: number;
}

/** In its best half of the last samples: it may have been measured before and after, too. */
function busiest({ uses }: ReleaseFacts, least: number): Busy | null {
  const all = Object.entries(uses).flatMap(([instance, samples]) => {
    const whole = longestRun(samples.slice(-MOST_RECENT), least);
    if (whole.length < LEAST_SAMPLES) return [];
    return [{ instance, cpu: whole.reduce((sum, { cpu }) => sum + cpu, 0) / whole.length, samples: whole.length }];
  });
  return all.sort((a, b) => b.cpu - a.cpu)[0] ?? null;
}

function longestRun(samples: readonly UseSample[], least: number): readonly UseSample[] {
  let [best, run]: [UseSample[], UseSample[]] = [[], []];
  for (const sample of samples) {
    run = sample.cpu >= least ? [...run, sample] : [];
    if (run.length > best.length) best = run;
  }
  return best;
}

function blocked({ at, fresh }: Facts, { instance, cpu, samples }: Busy, silent: number): FigureCause {
  const asked = fresh.answers.length;
  return {
    cause: 'event-loop-blocked',
    confidence: 0.8,
    title: `instance ${instance} computes without a pause and answers late or not at all: its event loop is blocked`,
    evidence: [
      {
        source: 'runner',
        at,
        text: `instance ${instance} used ${percent(cpu, 1)} of a core in ${samples} samples in a row`,
      },
      ...(silent === 0
        ? []
        : [
            {
              source: 'health check',
              at,
              text: `${silent} of ${asked} instances took the connection and gave no answer`,
            },
          ]),
    ],
    remedy: {
      text: 'Look for a loop that does not end, synchronous work or a regular expression on long input; move it to a worker thread. `node --cpu-prof` shows where the time goes.',
    },
  };
}

const hangs = ({ at, fresh }: Facts, instance: number): FigureCause => ({
  cause: 'hanging',
  confidence: 0.55,
  title: `instance ${instance} takes connections and gives no answer, and hardly uses the processor: it waits for something`,
  evidence: fresh.answers
    .filter((one) => one.instance === instance)
    .map(({ health, root }) => ({
      source: 'health check',
      at,
      text: `GET ${health.path}: ${said(health)}; GET ${root.path}: ${said(root)}`,
    })),
  remedy: {
    text: 'See what it waits for: a database or service without a time limit, a lock, an event that never comes. Give each call a time limit.',
  },
});

const said = ({ status, code, ms }: Facts['fresh']['answers'][number]['health']): string =>
  status === null
    ? `${code === 'ETIMEDOUT' ? 'no answer' : (code ?? 'no answer')} within ${thousands(ms)} ms`
    : `${status}`;
