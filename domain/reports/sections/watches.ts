/** What the watches saw: both releases side by side. */
import type { DeploymentStatus } from '../../deployment';
import { percent } from '../../numbers';
import { courses, type Course } from '../plots/course';
import { makePlots } from '../plots/make-plots';
import { momentsOf } from '../plots/moments';
import type { Moment } from '../plots/plot';
import { cell } from '../document';
import type { Block, Cell, Section, Tone } from '../document';
import { watchedSides, type WatchedSide } from '../watched-sides';
import { clock, count, duration, milliseconds, share } from '../words';

type Watch = DeploymentStatus['watches'][number];

export function watches(status: DeploymentStatus): Section | null {
  const { watches: list } = status;
  if (list.length === 0) return null;
  const drawn = courses(status);
  // The last environment is the one that the outcome speaks of.
  const plots = [...drawn].reverse().flatMap((course) => plotted(status, course, drawn.length > 1));
  return {
    id: 'watches',
    title: 'Both releases side by side',
    blocks: [...plots, ...list.flatMap((watch) => blocks(watch))],
  };
}

function plotted(status: DeploymentStatus, course: Course, isOneOfMany: boolean): Block[] {
  const moments = momentsOf(status, course);
  const target = status.plan?.environments.find(({ environment }) => environment === course.environment)?.target;
  const versions = { newRelease: status.version, oldRelease: target?.version ?? null };
  const plots = makePlots(course, versions, moments);
  const from = plots[0]?.fromMs ?? course.fromMs;
  return [
    ...(isOneOfMany ? [{ kind: 'heading', text: course.environment } as const] : []),
    ...plots.map((plot) => ({ kind: 'plot', plot }) as const),
    { kind: 'list', numbered: true, items: moments.map((moment) => momentCell(moment, from)) },
  ];
}

function momentCell({ at, label, text, tone }: Moment, fromMs: number): Cell {
  const time = clock(new Date(at).toISOString()).slice(11);
  return cell(`${label} at ${time}, after ${duration((at - fromMs) / 1_000)}: ${text}`, tone === 'bad' ? { tone } : {});
}

function blocks(watch: Watch): Block[] {
  return [
    { kind: 'heading', text: `Watch of ${watch.environment}, ${duration(watch.seconds)}` },
    { kind: 'facts', facts: facts(watch) },
    {
      kind: 'table',
      columns: ['Release', 'Set', 'Measured', 'Requests', 'Errors', 'Slow', 'p50', 'p95', 'Clients', 'with errors'],
      figures: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      rows: watchedSides(watch).map((side) => figures(side, watch)),
    },
  ];
}

function facts(watch: Watch): [string, Cell][] {
  const bad: [string, Cell][] =
    watch.firstBadAt === null || watch.lastBadAt === null
      ? []
      : [
          [
            'Bad answers',
            cell(
              `from ${clock(new Date(watch.firstBadAt).toISOString())}, for ${duration((watch.lastBadAt - watch.firstBadAt) / 1000)}`,
            ),
          ],
        ];
  return [
    ['Verdict', cell(reasonOf(watch), { tone: TONES[watch.verdict] })],
    ['Answers', cell(`${count(watch.real)} to users, ${count(watch.own)} to requests of the watch itself`)],
    ...bad,
    ...(watch.givenBack ? [['Traffic', cell('given back to the old release at once')] as [string, Cell]] : []),
  ];
}

/** The reason begins with the verdict where the watch wrote it. */
const reasonOf = ({ verdict, reason }: Watch): string =>
  reason.startsWith(verdict) ? reason : `${verdict}: ${reason}`;

const TONES: Readonly<Record<Watch['verdict'], Tone>> = { healthy: 'good', unhealthy: 'bad', inconclusive: 'warn' };

const figures = ({ name, weight, measured, figures: of }: WatchedSide, { verdict }: Watch): Cell[] => [
  cell(name),
  cell(share(weight)),
  cell(share(measured)),
  cell(count(of.requests)),
  cell(
    `${count(of.errors)} (${percent(of.errors, of.requests)})`,
    name === 'new' && verdict === 'unhealthy' ? { tone: 'bad' } : {},
  ),
  cell(`${count(of.slow)} (${percent(of.slow, of.requests)})`),
  cell(milliseconds(of.p50Ms)),
  cell(milliseconds(of.p95Ms)),
  cell(count(of.clients)),
  cell(count(of.clientsWithErrors)),
];
