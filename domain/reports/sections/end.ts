/** How it ended: why, what could not be done, what serves now, whether one can go back, and the audit log's head. */
import type { DeploymentStatus } from '../../deployment';
import type { SignedHead } from '../../records';
import { unfinishedSentence } from '../../rollback';
import { cell, code } from '../document';
import type { Cell, Section } from '../document';
import { wayBackSentence } from '../sentence';
import { duration, secondsBetween, share, stateWords } from '../words';

export function why({ why: measured, reason, outcome }: DeploymentStatus): Section | null {
  if (outcome === 'succeeded' || (measured === null && reason === null)) return null;
  const facts: [string, Cell][] =
    measured === null
      ? []
      : [
          ['Measured', cell(`${measured.measure}: ${measured.value}`, { tone: 'bad' })],
          ['Limit', cell(measured.limit)],
          ['Samples', cell(measured.samples)],
          ['Source', cell(measured.source)],
        ];
  return {
    id: 'why',
    title: 'Why',
    blocks: [
      // With figures the sentence above has said it already.
      ...(reason === null || (measured !== null && !reason.includes('\n'))
        ? []
        : [{ kind: 'text', text: cell(reason) } as const]),
      ...(facts.length === 0 ? [] : [{ kind: 'facts', facts, tiles: true } as const]),
    ],
  };
}

/** Thing by thing what a person must finish. States of older versions have none. */
export function unfinished({ unfinished: things = [] }: Partial<DeploymentStatus>): Section | null {
  if (things.length === 0) return null;
  return {
    id: 'unfinished',
    title: 'What is left to do',
    blocks: things.flatMap(({ does, error, environment, release, now, command }) => [
      { kind: 'heading', text: `${does.charAt(0).toUpperCase()}${does.slice(1)}` },
      {
        kind: 'facts',
        facts: [
          ['Why not', cell(error, { tone: 'bad' })],
          ['Now', cell(`in ${environment} ${release} ${now}`)],
        ],
      },
      { kind: 'command', command },
    ]),
  };
}

export function failures({ failures: all, warnings, unfinished: things = [] }: DeploymentStatus): Section | null {
  // These have a section of their own.
  const told = new Set(things.map(unfinishedSentence));
  const list = all.filter((text) => !told.has(text));
  if (list.length === 0 && warnings.length === 0) return null;
  return {
    id: 'failures',
    title: 'What needs a look',
    blocks: [
      {
        kind: 'list',
        items: [...list.map((text) => cell(text, { tone: 'bad' })), ...warnings.map((text) => cell(text))],
      },
    ],
  };
}

export function releases({ releases: list, outcome }: DeploymentStatus): Section | null {
  if (list.length === 0) return null;
  return {
    id: 'releases',
    title: outcome === null ? 'What runs now' : 'What runs since',
    blocks: [
      {
        kind: 'table',
        columns: ['Environment', 'Version', 'Release', 'Weight set', 'Share measured', 'State'],
        figures: [3, 4],
        rows: list.map((release) => [
          cell(release.environment),
          cell(release.version),
          code(release.release),
          cell(share(release.weight)),
          cell(share(release.measured)),
          cell(stateWords(release), { tone: STATES[release.state] ?? 'plain' }),
        ]),
      },
    ],
  };
}

const STATES: Readonly<Record<string, 'good' | 'warn' | 'quiet'>> = {
  running: 'good',
  degraded: 'warn',
  starting: 'warn',
  stopped: 'quiet',
};

/** Whether one can go back now, what the plan said of it, and what was undone. */
export function wayBack({ wayBack: way, plan, steps }: DeploymentStatus): Section {
  const planned = plan?.environments ?? [];
  const undone = steps.filter(({ state }) => state === 'undone');
  const first = steps.findLast(({ state }) => state === 'failed' || state === 'refused')?.at ?? null;
  return {
    id: 'way-back',
    title: 'The way back',
    blocks: [
      {
        kind: 'facts',
        facts: [
          ['Now', cell(wayBackSentence(way), { tone: way.open ? 'good' : 'bad' })],
          ...planned.map((each) => [`Planned, ${each.environment}`, cell(each.wayBack)] as const),
        ],
      },
      ...(undone.length === 0
        ? []
        : [
            { kind: 'heading', text: 'What was undone, newest act first' } as const,
            {
              kind: 'table',
              columns: ['Where', 'Undone', 'After the failure', ''],
              figures: [2],
              rows: undone.map((step) => [
                cell(step.environment ?? step.phase),
                cell(step.step),
                cell(first === null ? '-' : duration(secondsBetween(first, step.at))),
                cell(step.summary),
              ]),
            } as const,
          ]),
    ],
  };
}

export function audit(status: DeploymentStatus, head: SignedHead | null): Section {
  if (head === null) {
    const text = 'The audit log could not be read when this was written.';
    return { id: 'audit', title: 'Audit log', blocks: [{ kind: 'text', text: cell(text, { tone: 'warn' }) }] };
  }
  return {
    id: 'audit',
    title: 'Audit log',
    blocks: [
      {
        kind: 'text',
        text: cell('The log held this when the report was written; it can be compared by `mvca audit verify`.'),
      },
      {
        kind: 'facts',
        facts: [
          ['Rows', cell(String(head.rows))],
          ['Hash of the last', code(head.hash)],
          ['Signature', code(head.signature)],
          ['Signed with', code(head.key)],
          ['Of this deployment', code(`mvca audit ${status.app}`)],
        ],
      },
    ],
  };
}
