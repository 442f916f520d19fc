/** Draws a plot as SVG: no outside part, no script, colours by class so that the page's style decides them. */
import { markup, type Markup } from '../markup';
import { duration } from '../words';
import { labels, type Label } from './labels';
import type { Plot, PlotLine } from './plot';
import { timeScale, valueScale, type Scale } from './scale';

/** A page has room for `wide` or for `narrow`; text has the same size in both. */
export type Width = 'wide' | 'narrow';

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly fromMs: number;
  readonly x: Scale;
  readonly y: Scale;
}

const SIZES = { wide: { width: 840, plot: 120, ticks: 12 }, narrow: { width: 340, plot: 120, ticks: 4 } } as const;
const [LEFT, RIGHT, BOTTOM, LABEL_HEIGHT, TOP] = [52, 10, 22, 15, 10];

export function drawPlot(plot: Plot, width: Width): Markup {
  const { width: whole, plot: room, ticks } = SIZES[width];
  const x = timeScale(plot.fromMs, plot.toMs, ticks);
  const inner = { left: LEFT, right: whole - RIGHT };
  const named = labels(plot.moments, (at) => along(inner, x.share(at)), { ...inner, short: !plot.isFirst });
  const top = TOP + LABEL_HEIGHT * (1 + Math.max(0, ...named.map(({ row }) => row)));
  const values = plot.lines.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
  const y = valueScale(values, plot.atLeast);
  const size = { width: whole, height: top + room + BOTTOM, top, bottom: top + room };
  const frame: Frame = { ...inner, ...size, fromMs: plot.fromMs, x, y };
  const id = `${plot.id}-${width}`;
  return markup`<svg class="${width}" viewBox="0 0 ${n(frame.width)} ${n(frame.height)}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${plot.title}</title>
<desc id="${id}-desc">${plot.says}</desc>
${grid(frame, plot.unit)}
${named.map((label) => momentLine(frame, label))}
${plot.lines.map((line) => drawLine(frame, line))}
</svg>
`;
}

const along = ({ left, right }: Pick<Frame, 'left' | 'right'>, share: number): number => left + share * (right - left);
const up = ({ top, bottom }: Frame, share: number): number => bottom - share * (bottom - top);

function grid(frame: Frame, unit: Plot['unit']): Markup {
  const { left, right, bottom, x, y } = frame;
  const rows = y.ticks.map((value) => {
    const at = n(up(frame, y.share(value)));
    return markup`<path class="${value === 0 ? 'axis' : 'grid'}" d="M${n(left)} ${at}H${n(right)}"/><text class="value" x="${n(left - 7)}" y="${at}" dy=".32em">${inUnit(value, unit)}</text>`;
  });
  const from = x.ticks.map((seconds) => {
    const at = along(frame, x.share(frame.fromMs + 1_000 * seconds));
    const text = seconds === 0 ? '0' : duration(seconds);
    return markup`<text class="time" x="${n(at)}" y="${n(bottom + 16)}">${text}</text>`;
  });
  return markup`${rows}${from}`;
}

const inUnit = (value: number, unit: Plot['unit']): string =>
  unit === '%' ? `${value} %` : value >= 10_000 ? `${value / 1_000} s` : `${value} ms`;

function momentLine({ bottom }: Frame, { x, textX, anchor, row, text, tone }: Label): Markup {
  const y = TOP + LABEL_HEIGHT * row;
  return markup`<g class="moment tone-${tone}"><path d="M${n(x)} ${n(y - 8)}V${n(bottom)}"/><text x="${n(textX)}" y="${n(y)}" class="${anchor}">${text}</text></g>`;
}

function drawLine(frame: Frame, { role, kind, points }: PlotLine): Markup {
  const places = points.map(([at, value]) =>
    value === null ? null : ([n(along(frame, frame.x.share(at))), n(up(frame, frame.y.share(value)))] as const),
  );
  return markup`<path class="${role} ${kind}" d="${PATHS[kind](places)}"/>`;
}

type Place = readonly [x: string, y: string] | null;

/** Where nothing was measured the line is broken. */
const PATHS: Readonly<Record<PlotLine['kind'], (places: readonly Place[]) => string>> = {
  line: (places) => joined(places, ([x, y], before) => (before === null ? `M${x} ${y}h0` : `L${x} ${y}`)),
  step: (places) => joined(places, ([x, y], before) => (before === null ? `M${x} ${y}` : `H${x}V${y}`)),
  dots: (places) => joined(places, ([x, y]) => `M${x} ${y}h0`),
};

const joined = (places: readonly Place[], one: (place: NonNullable<Place>, before: Place) => string): string =>
  places.map((place, index) => (place === null ? '' : one(place, places[index - 1] ?? null))).join('');

/** A tenth of a unit is finer than any screen. */
const n = (value: number): string => String(Math.round(value * 10) / 10);
