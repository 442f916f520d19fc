/** The three plots of a course: errors, latency and weights of both releases. */
import { percent } from '../../numbers';
import { milliseconds } from '../words';
import { errorShare, type Course, type Point, type PointSide } from './course';
import type { Moment, Plot, PlotLine } from './plot';

export interface Versions {
  readonly newRelease: string;
  readonly oldRelease: string | null;
}

export function makePlots(course: Course, versions: Versions, moments: readonly Moment[]): readonly Plot[] {
  const toMs = Math.max(course.toMs, ...moments.map(({ at }) => at));
  const fromMs = Math.min(course.fromMs, ...moments.map(({ at }) => at));
  const shared = { fromMs, toMs, moments };
  const of = (value: (side: PointSide) => number | null): PlotLine[] => bothLines(course.points, versions, value);
  return [
    {
      ...shared,
      id: `${course.environment}-errors`,
      title: 'Errors, share of answers',
      says: errorsInWords(course, versions),
      unit: '%',
      atLeast: 2,
      lines: of(errorShare),
      isFirst: true,
    },
    {
      ...shared,
      id: `${course.environment}-latency`,
      title: 'Latency, 95 % of answers took at most',
      says: latencyInWords(course, versions),
      unit: 'ms',
      atLeast: 10,
      lines: of(({ p95Ms }) => p95Ms),
      isFirst: false,
    },
    {
      ...shared,
      id: `${course.environment}-weights`,
      title: 'Traffic: weight set (line), share measured (dots)',
      says: weightsInWords(course, versions),
      unit: '%',
      atLeast: 100,
      lines: weightLines(course, versions),
      isFirst: false,
    },
  ];
}

const newName = ({ newRelease }: Versions): string => `new ${newRelease}`;
const oldName = ({ oldRelease }: Versions): string => `old ${oldRelease ?? ''}`.trimEnd();

function bothLines(
  points: readonly Point[],
  versions: Versions,
  value: (side: PointSide) => number | null,
): PlotLine[] {
  const ours = points.map(({ at, newRelease }) => [at, value(newRelease)] as const);
  const theirs = points.map(({ at, oldRelease }) => [at, oldRelease && value(oldRelease)] as const);
  const hasOld = theirs.some(([, each]) => each !== null);
  return [
    ...(hasOld ? [{ name: oldName(versions), role: 'old', kind: 'line', points: theirs } as const] : []),
    { name: newName(versions), role: 'new', kind: 'line', points: ours },
  ];
}

function weightLines({ points }: Course, versions: Versions): PlotLine[] {
  const set = points.map(({ at, weight }) => [at, weight] as const);
  const measured = points.map(({ at, measured: share }) => [at, share] as const);
  const rest = (of: typeof measured): typeof measured =>
    of.map(([at, share]) => [at, share === null ? null : 100 - share]);
  const hasOld = points.some(({ oldRelease }) => oldRelease !== null);
  const [ours, theirs] = [newName(versions), oldName(versions)];
  return [
    ...(hasOld
      ? ([
          { name: `${theirs}, set`, role: 'old', kind: 'step', points: rest(set) },
          { name: `${theirs}, measured`, role: 'old', kind: 'dots', points: rest(measured) },
        ] as const)
      : []),
    { name: `${ours}, set`, role: 'new', kind: 'step', points: set },
    ...(hasOld ? [{ name: `${ours}, measured`, role: 'new', kind: 'dots', points: measured } as const] : []),
  ];
}

function errorsInWords({ points }: Course, versions: Versions): string {
  const told = (name: string, sides: readonly (PointSide | null)[]): string => {
    const [requests, errors] = [sum(sides, 'requests'), sum(sides, 'errors')];
    return `${name}: ${errors} of ${requests} answers were errors (${percent(errors, requests)})`;
  };
  return bothInWords(points, versions, told);
}

function latencyInWords({ points }: Course, versions: Versions): string {
  const told = (name: string, sides: readonly (PointSide | null)[]): string => {
    const known = sides.flatMap((side) => (side?.p95Ms == null ? [] : [side.p95Ms]));
    if (known.length === 0) return `${name}: no latencies were read`;
    return `${name}: the p95 lay between ${milliseconds(Math.min(...known))} and ${milliseconds(Math.max(...known))}`;
  };
  return bothInWords(points, versions, told);
}

function weightsInWords({ points }: Course, versions: Versions): string {
  const steps = points.filter(({ weight }, index) => weight !== points[index - 1]?.weight);
  const told = steps.map(({ weight }) => {
    const sides = points.filter((point) => point.weight === weight);
    const [ours, theirs] = [
      sum(
        sides.map((side) => side.newRelease),
        'requests',
      ),
      sum(
        sides.map((side) => side.oldRelease),
        'requests',
      ),
    ];
    return `${weight} % set${theirs === 0 ? '' : `, ${percent(ours, ours + theirs)} measured`}`;
  });
  return `${newName(versions)}: ${told.join('; ')}`;
}

function bothInWords(
  points: readonly Point[],
  versions: Versions,
  told: (name: string, sides: readonly (PointSide | null)[]) => string,
): string {
  const theirs = points.map(({ oldRelease }) => oldRelease);
  const ours = told(
    newName(versions),
    points.map(({ newRelease }) => newRelease),
  );
  return sum(theirs, 'requests') === 0 ? ours : `${ours}; ${told(oldName(versions), theirs)}`;
}

const sum = (sides: readonly (PointSide | null)[], of: 'requests' | 'errors'): number =>
  sides.reduce((total, side) => total + (side?.[of] ?? 0), 0);
