/** What was agreed to, and from which bytes it was made. */
import type { DeploymentStatus } from '../../deployment';
import type { Plan, PlannedEnvironment } from '../../plan/plan';
import { cell, code } from '../document';
import type { Block, Cell, Section } from '../document';
import { gapsOf, type Gap } from '../gap';
import { bytes, count, duration } from '../words';

export function plan(status: DeploymentStatus): Section | null {
  const { plan: agreed } = status;
  if (agreed === null) return null;
  return {
    id: 'plan',
    title: 'Plan',
    blocks: [
      { kind: 'facts', facts: whole(agreed) },
      ...agreed.environments.flatMap((planned) => environment(planned, gapsOf(status))),
    ],
  };
}

const whole = ({ digest, again, weaker = [] }: Plan): [string, Cell][] => [
  ...weaker.map((words): [string, Cell] => ['Weaker approval', cell(words, { tone: 'bad' })]),
  ['Digest', code(digest)],
  ...(again === undefined
    ? []
    : ([['Deployed again', cell(`${again.was}; the reason: ${again.reason}`, { tone: 'warn' })]] as [string, Cell][])),
];

function environment(planned: PlannedEnvironment, gaps: readonly Gap[]): Block[] {
  const secrets = Object.entries(planned.secrets);
  return [
    { kind: 'heading', text: `${planned.environment}, ${planned.strategy}` },
    { kind: 'facts', facts: facts(planned, gaps) },
    {
      kind: 'table',
      columns: ['', 'Step', 'Does', 'Undo'],
      figures: [],
      rows: planned.steps.map((step, index) => [
        cell(String(index + 1), { tone: 'quiet' }),
        cell(step.name),
        cell(step.does),
        step.undo === null ? cell('none: it changes nothing', { tone: 'quiet' }) : cell(step.undo),
      ]),
    },
    ...(secrets.length === 0
      ? []
      : [
          {
            kind: 'table',
            columns: ['Secret', 'Reference', 'Version'],
            figures: [],
            rows: secrets.map(([name, { reference, version }]) => [
              cell(name),
              code(reference),
              version === null ? cell('has no value', { tone: 'warn' }) : code(version),
            ]),
          } as const,
        ]),
  ];
}

function facts(planned: PlannedEnvironment, gaps: readonly Gap[]): [string, Cell][] {
  const { target, approval, downtime, refusals, configuration, badWayBack, rehearsal } = planned;
  const time = downtime.seconds === null ? 'not known' : duration(downtime.seconds);
  return [
    ['Goes back to', target === null ? cell('nothing: this is the first release') : cell(target.version)],
    ...(badWayBack === undefined ? [] : [['Way back', cell(badWayBack, { tone: 'warn' })] as [string, Cell]]),
    ['Downtime', cell(`${time}: ${downtime.reason}`)],
    ...gaps
      .filter((gap) => gap.environment === planned.environment)
      .map(({ sentence }): [string, Cell] => ['Gap measured', cell(sentence, { tone: 'warn' })]),
    ...(rehearsal == null ? [] : [['Way back rehearsed', cell(rehearsed(rehearsal))] as [string, Cell]]),
    ['Approval', cell(approval === null ? 'nobody is asked' : approvers(approval))],
    ['Configuration', code(configuration)],
    ...refusals.map((refusal): [string, Cell] => ['Refused', cell(refusal, { tone: 'bad' })]),
  ];
}

const rehearsed = ({ seconds, reason }: NonNullable<PlannedEnvironment['rehearsal']>): string =>
  seconds === 0 ? reason : `${duration(seconds)}: ${reason}`;

function approvers({ needs, from, deadlineMs, requester }: NonNullable<PlannedEnvironment['approval']>): string {
  const who = from.length === 0 ? 'anybody' : from.join(', ');
  return `${needs} of ${who}, within ${duration(deadlineMs / 1000)}; the requester ${requester === 'may' ? 'may' : 'may not'}`;
}

export function digests({ artifact, snapshot }: DeploymentStatus): Section | null {
  const facts: [string, Cell][] = [];
  if (snapshot !== null) {
    facts.push(['Source', code(snapshot.digest)]);
    facts.push(['Holds', cell(`${count(snapshot.files)} files, ${bytes(snapshot.bytes)}`)]);
    if (snapshot.commit !== null)
      facts.push(['Commit', code(`${snapshot.commit}${snapshot.dirty ? ' and changes that git does not have' : ''}`)]);
    if (snapshot.tag !== null) facts.push(['Tag', code(snapshot.tag)]);
  }
  if (artifact !== null) {
    facts.push(['Artifact', code(artifact.digest)]);
    const made = artifact.built ? `built in ${duration(artifact.seconds)}` : 'the same inputs had been built before';
    facts.push(['Holds', cell(`${artifact.kind}, ${count(artifact.files)} files, ${bytes(artifact.bytes)}; ${made}`)]);
  }
  return facts.length === 0 ? null : { id: 'digests', title: 'Bytes', blocks: [{ kind: 'facts', facts }] };
}
