import type { DeploymentStatus } from '../../../domain/deployment';
import { htmlReport } from '../../../domain/reports/html';
import { jsonReport } from '../../../domain/reports/json';
import { markdownReport } from '../../../domain/reports/markdown';
import { ROLLED_BACK } from './deployment';

type Metrics = NonNullable<DeploymentStatus['watches'][number]['metrics']>;

const QUERY = 'sum(rate(paid_total{release="shop-1.2.0",le!="<b>"}[1m])) < 5';
const source = 'Prometheus at http://127.0.0.1:9090';
const at = Date.parse('2026-11-23T14:03:19.000Z');

const METRICS: Metrics = [
  {
    ...{ name: 'failed payments', value: '0.31', limit: 'at most 0.05', state: 'beyond' },
    ...{ query: QUERY, source, readings: 6, beyond: 2, last: { value: '0.31', at } },
  },
  {
    ...{ name: '<orders> | "each"', value: '12', limit: 'at least 10', state: 'within' },
    ...{ query: 'orders', source, readings: 6, beyond: 0, last: { value: '12', at } },
  },
  {
    ...{ name: 'load', value: 'unknown: the query returns nothing', limit: 'at most 4', state: 'unknown' },
    ...{ query: 'load', source, readings: 0, beyond: 0, last: null },
  },
];

/** Two watches that ask the same. */
const metered = (metrics: Metrics | undefined): DeploymentStatus => ({
  ...ROLLED_BACK,
  watches: [3, 10].flatMap((weight) =>
    ROLLED_BACK.watches.map((watch) => ({ ...watch, weight, ...(metrics && { metrics }) })),
  ),
});

const sectionOf = (html: string): string => /<section id="outside">[^]*?<\/section>/.exec(html)?.[0] ?? '';
const plain = (text: string): string =>
  text
    .replace(/<[^>]*>/g, '\n')
    .replace(/&#(\d+);/g, (_all, of) => String.fromCharCode(Number(of)))
    .replaceAll('\u00a0', ' ');

test('an HTML report has each metric of each watch with value, limit, time, readings and verdict, and what was asked of whom', () => {
  const words = plain(sectionOf(htmlReport(metered(METRICS), null))).split('\n');
  const rows = [
    ['failed payments', '0.31', 'at most 0.05', '14:03:19 UTC', '6', 'beyond the limit, twice in a row'],
    ['<orders> | "each"', '12', 'at least 10', '14:03:19 UTC', '6', 'met'],
    ['load', '-', 'at most 4', '-', '0', 'no figure: the query returns nothing'],
  ].flat();
  const said = words.filter((word) => word !== '');
  const table = ['Metric', 'Value', 'Limit', 'When', 'Readings', 'Verdict', ...rows];
  expect(said).toEqual([
    'Figures from outside',
    ...['Watch of production, 3 % on the new release', ...table],
    ...['Watch of production, 10 % on the new release', ...table],
    ...['What was asked', `failed payments, ${source}`, QUERY],
    ...[`<orders> | "each", ${source}`, 'orders', `load, ${source}`, 'load'],
  ]);
});

test('a query with < and " stays text, also in the names of cells', () => {
  const html = sectionOf(htmlReport(metered(METRICS), null));
  expect(html).toContain('le!=&#34;&#60;b&#62;&#34;}[1m])) &#60; 5</code>');
  expect(html).not.toMatch(/<(b|orders)\b/);
  for (const tag of html.match(/<[a-z][^>]*>/g) ?? []) expect(tag).toMatch(/^<[a-z0-9]+( [a-z-]+="[^"<>]*")*>$/);
});

test('Markdown has the same, a table keeps its columns, and the query is code', () => {
  const markdown = markdownReport(metered(METRICS), null);
  expect(markdown).toContain(
    `| failed payments | 0.31 | at most 0.05 | 14:03:19 UTC | 6 | beyond the limit, twice in a row |`,
  );
  expect(markdown).toContain(`| \\<orders\\> \\| "each" | 12 | at least 10 | 14:03:19 UTC | 6 | met |`);
  expect(markdown).toContain(`| load | \\- | at most 4 | \\- | 0 | no figure: the query returns nothing |`);
  expect(markdown.split(`\`${QUERY}\``)).toHaveLength(2);
});

test('JSON has every metric whole', () => {
  expect(jsonReport(metered(METRICS), null).status.watches[1]?.metrics).toEqual(METRICS);
});

test.each<[string, Partial<Metrics[number]>, string]>([
  ['one reading beyond the limit', { state: 'beyond', beyond: 1 }, 'beyond the limit, once'],
  [
    'a source that went away after a good reading',
    { state: 'unknown', value: 'unknown: it does not answer', last: { value: '0.01', at } },
    '0.01 | at most 0.05 | 14:03:19 UTC | 6 | no figure: it does not answer |',
  ],
])('%s is told', (_name, change, told) => {
  const metrics = METRICS.slice(0, 1).map((metric) => ({ ...metric, ...change }));
  expect(markdownReport(metered(metrics), null)).toContain(told);
});

test('results of older workers are told as far as they go, and what asked nothing has no such section', () => {
  const views = METRICS.map(({ name, value, limit, state }) => ({ name, value, limit, state }));
  const markdown = markdownReport(metered(views), null);
  expect(markdown).toContain('| failed payments | 0.31 | at most 0.05 | \\- | \\- | beyond the limit |');
  expect(markdown).not.toContain('What was asked');
  const [{ weight: _unknown, ...older }] = metered(views).watches as [DeploymentStatus['watches'][number]];
  const unweighed = { ...metered(views), watches: [older] } as unknown as DeploymentStatus;
  expect(markdownReport(unweighed, null)).toMatch(/^### Watch of production$/m);
  for (const metrics of [undefined, []])
    expect(markdownReport(metered(metrics), null)).not.toContain('Figures from outside');
});
