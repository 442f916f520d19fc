/** How it went: phases with their times, and every step. */
import type { DeploymentStatus, PhaseStatus } from '../../deployment';
import type { StepState } from '../../words';
import { cell } from '../document';
import type { Section, Tone } from '../document';
import { clock, duration, secondsBetween } from '../words';

export function phases({ phases: list }: DeploymentStatus): Section | null {
  if (list.length === 0) return null;
  const total = list.reduce((sum, phase) => sum + (phase.seconds ?? 0), 0);
  return {
    id: 'phases',
    title: 'Phases',
    blocks: [
      {
        kind: 'table',
        columns: ['Phase', 'State', 'Time', ''],
        figures: [2],
        rows: list.map((phase) => [
          cell(phase.phase),
          cell(phase.state, { tone: PHASE_TONES[phase.state] }),
          cell(duration(phase.seconds), total === 0 ? {} : { bar: (phase.seconds ?? 0) / total }),
          cell(phase.summary),
        ]),
      },
    ],
  };
}

const PHASE_TONES: Readonly<Record<PhaseStatus['state'], Tone>> = {
  waiting: 'quiet',
  running: 'plain',
  succeeded: 'good',
  failed: 'bad',
  undone: 'warn',
  skipped: 'quiet',
};

export function timeline({ steps, startedAt }: DeploymentStatus): Section | null {
  if (steps.length === 0) return null;
  return {
    id: 'timeline',
    title: 'Timeline',
    blocks: [
      {
        kind: 'table',
        columns: ['At', 'After', 'Where', 'Step', 'State', ''],
        figures: [1],
        rows: steps.map((step) => [
          cell(clock(step.at).slice(11)),
          cell(duration(secondsBetween(startedAt, step.at))),
          cell(step.environment ?? step.phase),
          cell(step.step),
          cell(step.state, { tone: STEP_TONES[step.state] }),
          cell(step.summary),
        ]),
      },
    ],
  };
}

const STEP_TONES: Readonly<Record<StepState, Tone>> = {
  started: 'quiet',
  succeeded: 'good',
  refused: 'bad',
  inconclusive: 'warn',
  failed: 'bad',
  undone: 'warn',
};
