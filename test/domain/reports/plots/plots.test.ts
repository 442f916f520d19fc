import { htmlReport } from '../../../../domain/reports/html';
import { markdownReport } from '../../../../domain/reports/markdown';
import { courses } from '../../../../domain/reports/plots/course';
import { labels } from '../../../../domain/reports/plots/labels';
import { momentsOf } from '../../../../domain/reports/plots/moments';
import { timeScale, valueScale } from '../../../../domain/reports/plots/scale';
import { sparkline } from '../../../../domain/reports/plots/sparkline';
import { DIAGNOSED, ROLLED_BACK } from '../deployment';

const html = htmlReport(DIAGNOSED, null);
const svgs = html.match(/<svg [^]*?<\/svg>/g) ?? [];

test('errors, latency and weights are drawn, each for wide and for narrow pages', () => {
  expect(svgs.map((svg) => /class="(\w+)"/.exec(svg)?.[1])).toEqual(Array(3).fill(['wide', 'narrow']).flat());
  expect(svgs.map((svg) => /<title[^>]*>([^<]*)/.exec(svg)?.[1]?.slice(0, 7))).toEqual(
    ['Errors,', 'Latency', 'Traffic'].flatMap((title) => [title, title]),
  );
});

test('every plot has a name and a description for who cannot see it, and no id twice', () => {
  for (const svg of svgs) {
    const ids = /role="img" aria-labelledby="([^"]*)"/.exec(svg)?.[1]?.split(' ') ?? [];
    expect(ids.map((id) => svg.includes(`id="${id}"`))).toEqual([true, true]);
  }
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(html).toContain(
    'new 1.2.0: 12 of 286 answers were errors (4.2 %); old 1.1.0: 0 of 2340 answers were errors (0 %)',
  );
  expect(html).toContain('new 1.2.0: 10 % set, 10.9 % measured');
});

test('all that is drawn lies within the drawing', () => {
  for (const svg of svgs) {
    const [, width = 0, height = 0] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
    const places = [...svg.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    expect(places.length).toBeGreaterThan(20);
    for (const [x, y] of places) {
      expect(x >= 0 && x <= width).toBe(true);
      expect(y >= 0 && y <= height).toBe(true);
    }
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test('the moments of decision are lines with names, in the order of time', () => {
  const [course] = courses(DIAGNOSED);
  expect(momentsOf(DIAGNOSED, course!).map(({ label }) => label)).toEqual([
    'approve',
    'first error',
    'alarm',
    'given back',
  ]);
  const [wide = ''] = svgs;
  expect([...wide.matchAll(/class="moment [^]*?<text[^>]*>([^<]*)/g)].map(([, text]) => text)).toEqual([
    '1 approve',
    '2 first error',
    '3 alarm',
    '4 given back',
  ]);
});

test('states of older versions have no course, and a report without plots', () => {
  expect(courses(ROLLED_BACK)).toEqual([]);
  expect(htmlReport(ROLLED_BACK, null)).not.toContain('<svg');
  expect(htmlReport(ROLLED_BACK, null)).toContain('12,041');
});

test('in Markdown a plot is a line of text with its least and highest value', () => {
  const markdown = markdownReport(DIAGNOSED, null);
  expect(markdown).toMatch(/\| new 1\.2\.0 \| `▁+[▂-█]+` \| 0 % \| 18\.2 % \|/);
  expect(markdown).toMatch(/^3\. alarm at 14:03:20 UTC/m);
});

test('a sparkline loses no peak, and a gap stays one', () => {
  expect(sparkline([0, 0, 10, 0, null, 5], 10, 6)).toBe('▁▁█▁·▅');
  expect(sparkline([0, 0, 10, 0, null, null], 10, 3)).toBe('▁█·');
  expect(sparkline([0, 0], 0, 2)).toBe('▁▁');
});

test.each([
  [[0, 13.6], 2, [0, 5, 10, 15]],
  [[], 2, [0, 0.5, 1, 1.5, 2]],
  [[100], 100, [0, 25, 50, 75, 100]],
  [[1234], 10, [0, 500, 1000, 1500]],
])('the scale of %j, at least to %d, has round ticks', (values, atLeast, ticks) => {
  const scale = valueScale(values, atLeast);
  expect(scale.ticks).toEqual(ticks);
  expect(scale.share(scale.ticks.at(-1) ?? 0)).toBe(1);
});

test.each([
  [15_000, 12],
  [600_000, 12],
  [86_400_000, 4],
  [30 * 86_400_000, 4],
])('%d ms of time have few ticks', (ms, most) => {
  const { ticks } = timeScale(1_000, 1_000 + ms, most);
  expect(ticks.length).toBeGreaterThan(1);
  expect(ticks.length).toBeLessThanOrEqual(most + 1);
});

test('names that would touch stand in rows of their own, and none leaves the drawing', () => {
  const moments = [0, 1, 2, 50, 99, 100].map((at) => ({ at, label: 'given back', text: '', tone: 'plain' as const }));
  const named = labels(moments, (at) => at * 3, { left: 0, right: 300, short: false });
  const spans = named.map(({ textX, anchor, text, row }) => {
    const width = text.length * 7;
    return { row, from: anchor === 'starts' ? textX : textX - width, to: anchor === 'starts' ? textX + width : textX };
  });
  for (const [index, one] of spans.entries()) {
    expect(one.from).toBeGreaterThanOrEqual(0);
    expect(one.to).toBeLessThanOrEqual(300);
    for (const other of spans.slice(index + 1))
      expect(one.row !== other.row || one.to <= other.from || other.to <= one.from).toBe(true);
  }
});
