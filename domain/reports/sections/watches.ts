/** What the watches saw: both releases side by side. */
import type { DeploymentStatus } from '../../deployment';
import type { Figures } from '../../judge/figures';
import { percent } from '../../numbers';
import { cell } from '../document';
import type { Block, Cell, Section, Tone } from '../document';
import { clock, count, duration, milliseconds } from '../words';

type Watch = DeploymentStatus['watches'][number];

export function watches({ watches: list }: DeploymentStatus): Section | null {
  if (list.length === 0) return null;
  return { id: 'watches', title: 'Watches', blocks: list.flatMap(blocks) };
}

function blocks(watch: Watch): Block[] {
  const rows = [['new', watch.newRelease] as const, ['old', watch.oldRelease] as const];
  return [
    { kind: 'heading', text: `${watch.environment}, ${duration(watch.seconds)}` },
    { kind: 'facts', facts: facts(watch) },
    {
      kind: 'table',
      columns: ['Release', 'Requests', 'Errors', 'Slow', 'p50', 'p95', 'Clients', 'with errors'],
      figures: [1, 2, 3, 4, 5, 6, 7],
      rows: rows.flatMap(([name, of]) => (of === null ? [] : [figures(name, of, watch)])),
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
    ['Verdict', cell(`${watch.verdict}: ${watch.reason}`, { tone: TONES[watch.verdict] })],
    ['Answers', cell(`${count(watch.real)} to users, ${count(watch.own)} to requests of the watch itself`)],
    ...bad,
    ...(watch.givenBack ? [['Traffic', cell('given back to the old release at once')] as [string, Cell]] : []),
  ];
}

const TONES: Readonly<Record<Watch['verdict'], Tone>> = { healthy: 'good', unhealthy: 'bad', inconclusive: 'warn' };

const figures = (name: string, of: Figures, { verdict, newRelease }: Watch): Cell[] => [
  cell(name),
  cell(count(of.requests)),
  cell(
    `${count(of.errors)} (${percent(of.errors, of.requests)})`,
    of === newRelease && verdict === 'unhealthy' ? { tone: 'bad' } : {},
  ),
  cell(`${count(of.slow)} (${percent(of.slow, of.requests)})`),
  cell(milliseconds(of.p50Ms)),
  cell(milliseconds(of.p95Ms)),
  cell(count(of.clients)),
  cell(count(of.clientsWithErrors)),
];
