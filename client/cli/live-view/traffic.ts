/** The new and the old release side by side: the weight that was set, the share that was measured, and how they answer. */
import type { WatchProgress } from '../../../activities/facts-contract';
import type { DeploymentStatus, ReleaseView } from '../../../domain/deployment';
import { shareOfNew, type Figures } from '../../../domain/judge/figures';
import { percent } from '../../../domain/numbers';
import { count, duration, milliseconds, share } from '../../../domain/reports/words';
import type { Look } from '../../deployment';
import { line, part, type Line } from '../line';
import { padEnd, padStart } from '../text';

/** Below it each release gets two lines instead of a row. */
const TABLE_WIDTH = 84;
const COLUMNS = [
  ['set', 8],
  ['measured', 10],
  ['requests', 11],
  ['errors', 18],
  ['p50', 9],
  ['p95', 9],
] as const;
const NAME_WIDTH = 18;

interface Row {
  readonly role: 'new' | 'old';
  readonly version: string;
  readonly weight: number;
  readonly measured: number | null;
  readonly figures: Figures | null;
}

export function trafficLines({ status, activities }: Look, nowMs: number, width: number): readonly Line[] {
  const live = activities.map(({ progress }) => progress).find((progress) => progress?.kind === 'watch') ?? null;
  const rows = rowsOf(status, live);
  if (rows.length === 0 || rows.every(({ weight, figures }) => weight === 0 && figures === null)) return [];
  const table = width >= TABLE_WIDTH ? [headings(status), ...rows.map(tableRow)] : rows.flatMap(narrowRows);
  return [...table, ...(live === null ? [] : [watchLine(live, nowMs), ...metricLines(live)])];
}

function rowsOf(status: DeploymentStatus, live: WatchProgress | null): readonly Row[] {
  const here = status.releases.filter(({ environment }) => environment === status.environment);
  const target = status.plan?.environments.find(({ environment }) => environment === status.environment)?.target;
  const old = here.find(({ release }) => release === target?.release);
  const fresh = here.filter((view) => view !== old && view.version === status.version).at(-1);
  const last = status.watches.filter(({ environment }) => environment === status.environment).at(-1);
  const measured = last === undefined ? null : shareOfNew(last);
  return [
    row('new', fresh, { live, figures: live?.newRelease ?? last?.newRelease, share: measured }),
    row('old', old, {
      live,
      figures: live?.oldRelease ?? last?.oldRelease,
      share: measured === null ? null : 100 - measured,
    }),
  ].filter((known) => known !== null);
}

interface Seen {
  readonly live: WatchProgress | null;
  readonly figures: Figures | null | undefined;
  /** Percent of the requests of the last watch; null where there was none, or none came. */
  readonly share: number | null;
}

function row(role: Row['role'], view: ReleaseView | undefined, { live, figures, share: counted }: Seen): Row | null {
  if (view === undefined) return null;
  const { release, version } = view;
  return {
    role,
    version,
    weight: live?.weights[release] ?? view.weight,
    measured: live === null ? (counted ?? view.measured) : (live.measured[release] ?? null),
    figures: figures ?? null,
  };
}

const headings = ({ environment }: DeploymentStatus): Line =>
  line(
    part(padEnd(environment ?? '', NAME_WIDTH) + COLUMNS.map(([name, width]) => padStart(name, width)).join(''), 'dim'),
  );

function tableRow(of: Row): Line {
  const cells = [share(of.weight), share(of.measured), ...figureCells(of.figures)];
  const padded = cells.map((cell, index) => padStart(cell, COLUMNS[index]?.[1] ?? 0));
  const [set = '', measured = '', requests = '', errors = '', ...times] = padded;
  return line(name(of), set, measured, requests, part(errors, hasErrors(of) ? 'bad' : 'plain'), times.join(''));
}

function narrowRows(of: Row): readonly Line[] {
  const [requests = '', errors = '', p50 = '', p95 = ''] = figureCells(of.figures);
  const first = line(name(of), `${share(of.weight)} set, ${share(of.measured)} measured`);
  if (of.figures === null) return [first];
  const counted = line(`    ${requests} requests, `, part(`${errors} errors`, hasErrors(of) ? 'bad' : 'plain'));
  return [first, counted, line(`    p50 ${p50}, p95 ${p95}`)];
}

const name = ({ role, version }: Row) =>
  part(padEnd(`${role} ${version}`, NAME_WIDTH), role === 'new' ? 'accent' : 'plain');

const hasErrors = ({ figures }: Row): boolean => (figures?.errors ?? 0) > 0;

function figureCells(figures: Figures | null): readonly string[] {
  if (figures === null) return ['-', '-', '-', '-'];
  const { requests, errors, p50Ms, p95Ms } = figures;
  const errorCell = errors === 0 ? '0' : `${count(errors)} (${percent(errors, requests)})`;
  return [count(requests), errorCell, milliseconds(p50Ms), milliseconds(p95Ms)];
}

function watchLine({ untilMs, real, own }: WatchProgress, nowMs: number): Line {
  const left = duration(Math.max(0, untilMs - nowMs) / 1000);
  return line(
    part(`watching, ${left} left: ${count(real)} answers to users, ${count(own)} to requests of the watch`, 'dim'),
  );
}

const METRIC_STYLES = { within: 'plain', beyond: 'bad', unknown: 'warn' } as const;

const metricLines = ({ metrics = [] }: WatchProgress): readonly Line[] =>
  metrics.map(({ name: of, value, limit, state }) =>
    line(`${of} `, part(value, METRIC_STYLES[state]), part(`, ${limit}`, 'dim')),
  );
