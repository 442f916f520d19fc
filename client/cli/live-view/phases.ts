/** One line a phase: how it stands, how long it took, what it last said. */
import { duration } from '../../../domain/reports/words';
import type { DeploymentStatus, PhaseStatus } from '../../../domain/deployment';
import { line, part, type Line, type Style } from '../line';
import { headline, padEnd, padStart } from '../text';

const SPINNER = ['◐', '◓', '◑', '◒'];
const TURN_MS = 250;
const MARKS: Readonly<Record<Exclude<PhaseStatus['state'], 'running'>, { mark: string; style: Style }>> = {
  waiting: { mark: '·', style: 'dim' },
  succeeded: { mark: '✓', style: 'good' },
  failed: { mark: '✗', style: 'bad' },
  undone: { mark: '↩', style: 'warn' },
  skipped: { mark: '-', style: 'dim' },
};
const NAME_WIDTH = 12;
const TIME_WIDTH = 13;

export function phaseLines({ phases, outcome }: DeploymentStatus, nowMs: number): readonly Line[] {
  return phases.map((phase) => {
    const { mark, style } = markOf(phase, nowMs);
    const quiet: Style = phase.state === 'waiting' || phase.state === 'skipped' ? 'dim' : 'plain';
    return line(
      part(` ${mark} `, style),
      part(padEnd(phase.phase, NAME_WIDTH), phase.state === 'running' && outcome === null ? 'strong' : quiet),
      part(`${padStart(timeOf(phase, nowMs), TIME_WIDTH)}  `, 'dim'),
      part(headline(phase.summary), phase.state === 'failed' ? 'bad' : quiet),
    );
  });
}

function markOf({ state }: PhaseStatus, nowMs: number): { mark: string; style: Style } {
  if (state !== 'running') return MARKS[state];
  return { mark: SPINNER[Math.floor(nowMs / TURN_MS) % SPINNER.length] ?? '●', style: 'accent' };
}

function timeOf({ state, startedAt, seconds }: PhaseStatus, nowMs: number): string {
  if (seconds !== null) return duration(seconds);
  if (state !== 'running' || startedAt === null) return '';
  return duration(Math.max(0, nowMs - Date.parse(startedAt)) / 1000);
}
