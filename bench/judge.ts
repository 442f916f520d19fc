/** How many answers the judge needs to see a fault, and how often it is wrong, beside the rules of others: on simulated streams. */
import { measure, type Measured, type Rule } from './judge/measure';
import { OURS, RULES } from './judge/rules';
import { CALM, FAULTS, type Scenario } from './judge/streams';
import { progress, type BenchResult, type Goal } from './support/result';

const FAULT_RUNS = 1_000;
const CALM_RUNS = 3_000;
const RUNS = 300;
const RIVAL_RUNS = 100;

/** Answers of the new release from the beginning of the fault to the alarm. */
const MEDIANS: Readonly<Record<string, number>> = {
  'everything fails': 6,
  'half fails': 12,
  '12 % fail': 50,
  '12 % fail after 3,000 good answers': 85,
  '5 % fail': 190,
  'twice as slow': 110,
  'one route of 8 % fails': 130,
  '12 % fail, no old release': 70,
};
const P95_OF_12_PERCENT = 120;
const FALSE_ALARMS = 0.001;
const HEALTHY = 0.9;

interface Cell {
  readonly scenario: Scenario;
  readonly rule: Rule;
  readonly measured: Measured;
}

export function run(): Promise<BenchResult> {
  const cells = [...FAULTS, ...CALM].flatMap((scenario) => {
    progress(scenario.name);
    return RULES.map((rule): Cell => ({ scenario, rule, measured: measure(rule, scenario, runsOf(rule, scenario)) }));
  });
  return Promise.resolve({
    title:
      'The judge: answers of the new release from the beginning of a fault to the alarm (median / p95), and false alarms',
    columns: ['stream', ...RULES.map(({ name }) => name)],
    rows: [...FAULTS, ...CALM].map((scenario) => [
      scenario.name,
      ...cells.filter((cell) => cell.scenario === scenario).map(shown),
    ]),
    notes: [
      '100 requests a second, 10 % to the new release unless said otherwise, 0.5 % errors, answers log-normal around 12 ms (sigma 0.5), 12 routes.',
      `Fixed seeds. Streams: ${FAULT_RUNS} a fault and ${CALM_RUNS} of \`calm\`, ${RUNS} of the other calm ones; ${RIVAL_RUNS} for the rules of others.`,
      'Calm streams last 200 s (2,000 answers of the new release) or as said; streams with a fault end 10 minutes after it began.',
      '`-`: fewer than half of the streams had an alarm. `early`: alarms before the fault began.',
    ],
    goals: goalsOf(cells.filter(({ rule }) => rule === OURS)),
  });
}

function runsOf(rule: Rule, { onset, name }: Scenario): number {
  if (rule !== OURS) return RIVAL_RUNS;
  if (onset !== null) return FAULT_RUNS;
  return name === 'calm' ? CALM_RUNS : RUNS;
}

function shown({ scenario: { onset }, measured: { runs, alarms, median, p95, tooEarly, healthy } }: Cell): string {
  if (onset === null) {
    const verdict = healthy === null ? '' : `, ${percent(healthy / runs)} healthy`;
    return `${percent(alarms / runs)} false alarms${verdict}`;
  }
  return `${digits(median)} / ${digits(p95)}${tooEarly === 0 ? '' : `, ${percent(tooEarly / runs)} early`}`;
}

const digits = (value: number | null): string => (value === null ? '-' : Math.round(value).toLocaleString('en-US'));
const percent = (share: number): string => `${Math.round(share * 10_000) / 100} %`;

function goalsOf(cells: readonly Cell[]): readonly Goal[] {
  const medians = cells.flatMap(({ scenario: { name }, measured: { median } }): Goal[] => {
    const goal = MEDIANS[name];
    if (goal === undefined) return [];
    return [
      {
        what: `${name}, median`,
        figure: digits(median),
        goal: `at most ${goal}`,
        isMet: median !== null && median <= goal,
      },
    ];
  });
  const p95 = cells.find(({ scenario }) => scenario.name === '12 % fail')?.measured.p95 ?? null;
  const calm = cells.filter(({ scenario }) => scenario.onset === null);
  const alarms = calm.reduce((sum, { measured }) => sum + measured.alarms, 0);
  const streams = calm.reduce((sum, { measured }) => sum + measured.runs, 0);
  const quiet = calm.find(({ scenario }) => scenario.name === 'calm')?.measured;
  const healthy = (quiet?.healthy ?? 0) / (quiet?.runs ?? 1);
  return [
    ...medians,
    {
      what: '12 % fail, 95 %',
      figure: digits(p95),
      goal: `at most ${P95_OF_12_PERCENT}`,
      isMet: p95 !== null && p95 <= P95_OF_12_PERCENT,
    },
    {
      what: 'false alarms on all calm streams',
      figure: `${alarms} of ${streams}`,
      goal: `at most ${percent(FALSE_ALARMS)}`,
      isMet: alarms / streams <= FALSE_ALARMS,
    },
    {
      what: '`healthy` on calm streams',
      figure: percent(healthy),
      goal: `at least ${percent(HEALTHY)}`,
      isMet: healthy >= HEALTHY,
    },
  ];
}
