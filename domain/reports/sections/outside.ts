/** What the sources of `watch.metrics` said: for each watch every metric with its limit, then what was asked, and of whom. */
import type { DeploymentStatus } from '../../deployment';
import { cell } from '../document';
import type { Block, Cell, Section, Tone } from '../document';
import { watchedSides } from '../watched-sides';
import { clock, count, share } from '../words';

type Watch = DeploymentStatus['watches'][number];
type Metric = NonNullable<Watch['metrics']>[number];

/** Results of older workers have no metrics, or no more than name, value, limit and state of each. */
export function outside({ watches }: Pick<DeploymentStatus, 'watches'>): Section | null {
  const asking = watches.filter(({ metrics = [] }) => metrics.length > 0);
  if (asking.length === 0) return null;
  return {
    id: 'outside',
    title: 'Figures from outside',
    blocks: [...asking.flatMap(watched), ...asked(asking.flatMap(({ metrics = [] }) => metrics))],
  };
}

function watched(watch: Watch): Block[] {
  const { environment, metrics = [] } = watch;
  const weight = watchedSides(watch)[0]?.weight ?? null;
  const of = weight === null ? '' : `, ${share(weight)} on the new release`;
  return [
    { kind: 'heading', text: `Watch of ${environment}${of}` },
    {
      kind: 'table',
      columns: ['Metric', 'Value', 'Limit', 'When', 'Readings', 'Verdict'],
      figures: [1, 4],
      rows: metrics.map(row),
    },
  ];
}

function row(metric: Metric): Cell[] {
  const { name, value, limit, last, readings, state } = metric;
  return [
    cell(name),
    cell(last?.value ?? (state === 'unknown' ? '-' : value)),
    cell(limit),
    cell(last == null ? '-' : clock(new Date(last.at).toISOString()).slice(11)),
    cell(readings === undefined ? '-' : count(readings)),
    cell(VERDICTS[state](metric), { tone: TONES[state] }),
  ];
}

const TONES: Readonly<Record<Metric['state'], Tone>> = { within: 'good', beyond: 'bad', unknown: 'warn' };

/** One reading beyond a limit is no verdict yet. */
const VERDICTS: Readonly<Record<Metric['state'], (metric: Metric) => string>> = {
  within: () => 'met',
  beyond: ({ beyond }) =>
    ['beyond the limit', ', once', ', twice in a row'].filter((_, n) => n === 0 || n === beyond).join(''),
  unknown: ({ value }) => `no figure: ${value.replace(/^unknown: /, '')}`,
};

/** Each question once: the watches of one environment ask the same. */
function asked(metrics: readonly Metric[]): Block[] {
  const lines = new Map(
    metrics.flatMap(({ name, source, query }) =>
      source === undefined || query === undefined
        ? []
        : [[`${name} ${source} ${query}`, { from: `${name}, ${source}`, text: query }] as const],
    ),
  );
  if (lines.size === 0) return [];
  return [
    { kind: 'heading', text: 'What was asked' },
    { kind: 'evidence', lines: [...lines.values()] },
  ];
}
