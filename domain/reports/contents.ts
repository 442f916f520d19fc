/** What a report says, made once from a status; HTML and Markdown only differ in how they write it down. */
import type { DeploymentStatus } from '../deployment';
import type { SignedHead } from '../records';
import type { Outcome } from '../words';
import { cell, code } from './document';
import type { Block, Cell, Section, Tone } from './document';
import { outcomeSentence, waitingSentence } from './sentence';
import { cause, impact } from './sections/cause';
import { digests, plan } from './sections/plan';
import { gates, messages } from './sections/decisions';
import { audit, failures, releases, unfinished, wayBack, why } from './sections/end';
import { phases, timeline } from './sections/course';
import { outside } from './sections/outside';
import { watches } from './sections/watches';
import { clock, duration, secondsBetween } from './words';

export interface Report {
  readonly title: string;
  readonly word: Outcome | 'running' | 'waiting';
  readonly tone: Tone;
  readonly sentence: string;
  readonly facts: Extract<Block, { kind: 'facts' }>;
  readonly sections: readonly Section[];
}

export function reportContents(status: DeploymentStatus, head: SignedHead | null): Report {
  const word = status.outcome ?? (status.waitingFor === null ? 'running' : 'waiting');
  return {
    title: `${status.kind === 'rollback' ? 'Rollback to' : 'Deployment of'} ${status.app} ${status.version}`,
    word,
    tone: TONES[word],
    sentence: outcomeSentence(status),
    facts: facts(status),
    sections: [
      why(status),
      unfinished(status),
      failures(status),
      cause(status),
      impact(status),
      watches(status),
      outside(status),
      wayBack(status),
      releases(status),
      phases(status),
      timeline(status),
      plan(status),
      messages(status),
      gates(status),
      digests(status),
      audit(status, head),
    ].filter((section) => section !== null),
  };
}

const TONES: Readonly<Record<Report['word'], Tone>> = {
  succeeded: 'good',
  rejected: 'warn',
  'rolled-back': 'warn',
  'rollback-failed': 'bad',
  running: 'plain',
  waiting: 'plain',
};

function facts(status: DeploymentStatus): Report['facts'] {
  const end = status.steps.at(-1)?.at ?? null;
  const all: [string, Cell | null][] = [
    ['Asked for by', cell(status.requester)],
    ['Started', cell(clock(status.startedAt))],
    ['Took', end === null || status.outcome === null ? null : cell(duration(secondsBetween(status.startedAt, end)))],
    ['To', status.plan === null ? null : cell(status.plan.environments.at(-1)?.environment ?? '')],
    ['Commit', status.snapshot?.commit == null ? null : code(status.snapshot.commit.slice(0, 12))],
    ['Waits for', status.waitingFor === null ? null : cell(waitingSentence(status.waitingFor))],
    ['Workflow', code(status.deployment)],
    ['Run', code(status.run)],
  ];
  return {
    kind: 'facts',
    tiles: true,
    facts: all.filter((fact): fact is [string, Cell] => fact[1] !== null && fact[1].text !== ''),
  };
}
