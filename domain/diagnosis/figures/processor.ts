/** An instance that computes without a pause answers late or not at all: its event loop is blocked. One that waits answers neither. */
import { thousands, timedOut } from './answers';
import type { UseSample } from '../../host/runner';
import { percent } from '../../numbers';
import type { Evidence } from '../answer';
import type { Facts, InstanceAnswer, ReleaseFacts } from '../facts';
import type { FigureCause, LookAtFigures } from './finding';

/** Of the time, or of one core where no more was measured: less is work that leaves room for answers. */
const WITHOUT_PAUSE = 0.9;
/** While it is asked: the kernel counts what it waits for only when it gets it. */
const NEARLY = 0.8;
/** Of one that gives no answer at all, where only what it got is known. */
const MUCH_OF_A_CORE = 0.4;
const HARDLY = 0.2;
/** It got less of what it wanted: then others may be to blame. */
const STARVED = 0.5;
const MOST_RECENT = 20;
const LEAST_SAMPLES = 2;

export const lookAtProcessor: LookAtFigures = (facts) => {
  const silent = facts.fresh.answers.filter(isSilent);
  const busy = busyWhileAsked(silent) ?? busyBefore(facts, silent);
  if (busy !== null) return [blocked(facts, busy, silent.length)];
  const [first] = silent;
  return first === undefined ? [] : [hangs(facts, first)];
};

const isSilent = ({ health, root }: InstanceAnswer): boolean => [health, root].some(({ code }) => code === 'ETIMEDOUT');

interface Busy {
  readonly instance: number | string;
  /** Of the time; `waited` is null where only its use of the processor is known. */
  readonly ran: number;
  readonly waited: number | null;
  /** Over what it was measured. */
  readonly over: string;
}

function busyWhileAsked(silent: readonly InstanceAnswer[]): Busy | null {
  const found = silent.find(({ main }) => main != null && main.ran + main.waited >= NEARLY);
  if (found?.main == null) return null;
  return { instance: found.instance, ...found.main, over: 'while it was asked and gave no answer' };
}

/** By the runner's samples, unless those who give no answer were seen to do nothing. */
function busyBefore(facts: Facts, silent: readonly InstanceAnswer[]): Busy | null {
  const isLate = silent.length > 0 || timedOut(facts) || isAboutTime(facts);
  const isIdle = silent.length > 0 && silent.every(({ main }) => main != null && main.ran + main.waited < HARDLY);
  return isLate && !isIdle ? busiest(facts.fresh, silent.length > 0 ? MUCH_OF_A_CORE : WITHOUT_PAUSE) : null;
}

/** The watch gave up over slowness, a check without an answer, or the processor. */
const isAboutTime = ({ why }: Facts): boolean =>
  why !== null && (/slow|response|CPU/i.test(why.measure) || /no answer|did not answer/i.test(why.value));

/** In its best half of the last samples: it may have been measured before and after, too. */
function busiest({ uses }: ReleaseFacts, leastCpu: number): Busy | null {
  const isBusy = ({ cpu, main }: UseSample): boolean =>
    main === undefined ? cpu >= leastCpu : main.ran + main.waited >= WITHOUT_PAUSE;
  const all = Object.entries(uses).flatMap(([instance, samples]) => {
    const run = longestRun(samples.slice(-MOST_RECENT), isBusy);
    return run.length < LEAST_SAMPLES ? [] : [busyIn(instance, run)];
  });
  return all.sort((a, b) => wanted(b) - wanted(a))[0] ?? null;
}

function busyIn(instance: string, run: readonly UseSample[]): Busy {
  const mean = (of: (sample: UseSample) => number): number =>
    run.reduce((sum, sample) => sum + of(sample), 0) / run.length;
  const isMeasured = run.every(({ main }) => main !== undefined);
  return {
    instance,
    ran: mean(({ cpu, main }) => main?.ran ?? cpu),
    waited: isMeasured ? mean(({ main }) => main?.waited ?? 0) : null,
    over: `in ${run.length} samples in a row`,
  };
}

const wanted = ({ ran, waited }: Busy): number => ran + (waited ?? 0);

function longestRun(samples: readonly UseSample[], isMeant: (sample: UseSample) => boolean): readonly UseSample[] {
  let [best, run]: [UseSample[], UseSample[]] = [[], []];
  for (const sample of samples) {
    run = isMeant(sample) ? [...run, sample] : [];
    if (run.length > best.length) best = run;
  }
  return best;
}

function blocked(facts: Facts, busy: Busy, silent: number): FigureCause {
  const { instance, ran } = busy;
  const isStarved = ran < STARVED * wanted(busy);
  return {
    cause: 'event-loop-blocked',
    confidence: isStarved ? 0.65 : 0.8,
    title: isStarved
      ? `instance ${instance} wants a processor without a pause, gets it for ${percent(ran, 1)} of the time, and answers late or not at all: its event loop is blocked, or this machine is too busy for it`
      : `instance ${instance} computes without a pause and answers late or not at all: its event loop is blocked`,
    evidence: busyEvidence(facts, busy, silent),
    remedy: {
      text: `Look for a loop that does not end, synchronous work or a regular expression on long input; move it to a worker thread. \`node --cpu-prof\` shows where the time goes.${isStarved ? ' See also what else runs on this machine.' : ''}`,
    },
  };
}

function busyEvidence({ at, fresh }: Facts, { instance, ran, waited, over }: Busy, silent: number): Evidence[] {
  const text =
    waited === null
      ? `instance ${instance} used ${percent(ran, 1)} of a core ${over}`
      : `the main thread of instance ${instance} ran for ${percent(ran, 1)} of the time and waited for a processor for ${percent(waited, 1)}, ${over}`;
  const unanswered = `${silent} of ${fresh.answers.length} instances took the connection and gave no answer`;
  return [{ source: 'runner', at, text }, ...(silent === 0 ? [] : [{ source: 'health check', at, text: unanswered }])];
}

/** What it does meanwhile is said only where it was measured. */
const hangs = ({ at, fresh }: Facts, { instance, main }: InstanceAnswer): FigureCause => {
  const isIdle = main != null && main.ran + main.waited < HARDLY;
  return {
    cause: 'hanging',
    confidence: isIdle ? 0.6 : 0.5,
    title: `instance ${instance} takes connections and gives no answer${isIdle ? ', and hardly wants the processor: it waits for something' : ''}`,
    evidence: [
      ...fresh.answers
        .filter((one) => one.instance === instance)
        .map(({ health, root }) => ({
          source: 'health check',
          at,
          text: `GET ${health.path}: ${said(health)}; GET ${root.path}: ${said(root)}`,
        })),
      ...(main == null ? [] : [{ source: 'runner', at, text: meanwhile(instance, main) }]),
    ],
    remedy: {
      text: 'See what it waits for: a database or service without a time limit, a lock, an event that never comes. Give each call a time limit.',
    },
  };
};

const meanwhile = (instance: number, { ran, waited }: NonNullable<InstanceAnswer['main']>): string =>
  `meanwhile the main thread of instance ${instance} ran for ${percent(ran, 1)} of the time and waited for a processor for ${percent(waited, 1)}`;

const said = ({ status, code, ms }: Facts['fresh']['answers'][number]['health']): string =>
  status === null
    ? `${code === 'ETIMEDOUT' ? 'no answer' : (code ?? 'no answer')} within ${thousands(ms)} ms`
    : `${status}`;
