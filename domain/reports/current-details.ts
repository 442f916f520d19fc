/**
 * What the Temporal Web UI shows of a running deployment, as Markdown. Runs inside the workflow: pure, no clock, the same text for
 * the same status.
 */
import type { DeploymentStatus, PhaseStatus, WaitingFor } from '../deployment';
import type { Figures, WatchResult } from '../judge/figures';
import { percent } from '../numbers';
import { inTable, markdownCell, markdownCode, markdownText } from './markdown-text';
import { outcomeSentence, whySentence } from './sentence';
import { clock, count, duration, milliseconds, share } from './words';

/** Phase table, weights, what it waits for with the command that answers, and the figures of the last watch. */
export function currentDetails(status: DeploymentStatus): string {
  return [
    `**${markdownText(outcomeSentence(status))}**`,
    waiting(status),
    why(status),
    phases(status.phases),
    weights(status),
    lastWatch(status.watches),
    wayBack(status),
    failures(status.failures),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function waiting({ waitingFor, deployment, outcome }: DeploymentStatus): string {
  if (waitingFor === null || outcome !== null) return '';
  const lines = [
    `### Waits for ${waitingFor.kind}`,
    `Until ${clock(waitingFor.deadline)}; then: ${markdownText(waitingFor.then)}`,
    waitingFor.from.length > 0 ? `From: ${waitingFor.from.map(markdownText).join(', ')}` : '',
    `Given: ${waitingFor.given} of ${waitingFor.needs}`,
    'Answer with:',
    fence(waitingFor.answer),
  ];
  const plain = plainSignal(deployment, waitingFor);
  if (plain !== null) lines.push('or without the client:', fence(plain));
  return lines.filter((line) => line !== '').join('\n\n');
}

/** The same answer by `temporal workflow signal`; null where the answer is no signal. */
export function plainSignal(deployment: string, waitingFor: WaitingFor): string | null {
  if (waitingFor.kind === 'variables') return null;
  const [name, message] =
    waitingFor.kind === 'approval'
      ? ['approve', { by: 'YOUR-NAME', digest: waitingFor.digest }]
      : ['waive', { by: 'YOUR-NAME', reason: 'WHY' }];
  return `temporal workflow signal --workflow-id ${quoted(deployment)} --name ${name} --input ${quoted(JSON.stringify(message))}`;
}

const why = ({ why: measured, outcome }: DeploymentStatus): string =>
  measured === null || outcome !== null ? '' : `Why: ${markdownText(whySentence(measured))}`;

function phases(list: readonly PhaseStatus[]): string {
  if (list.length === 0) return '';
  const rows = list.map(
    (phase) => `| ${phase.phase} | ${phase.state} | ${duration(phase.seconds)} | ${markdownCell(phase.summary)} |`,
  );
  return ['| Phase | State | Time | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function weights({ releases }: DeploymentStatus): string {
  if (releases.length === 0) return '';
  const rows = releases.map((release) => {
    const name = `${markdownCell(release.version)} ${inTable(markdownCode(release.release))}`;
    return `| ${release.environment} | ${name} | ${share(release.weight)} | ${share(release.measured)} | ${markdownCell(release.state)} |`;
  });
  return [
    '| Environment | Release | Weight set | Share measured | State |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function lastWatch(watches: DeploymentStatus['watches']): string {
  const watch = watches.at(-1);
  if (watch === undefined) return '';
  return [
    `### Watch of ${watch.environment}: ${watch.verdict}`,
    `${markdownText(watch.reason)}\n`,
    '| | Requests | Errors | p50 | p95 |',
    '| --- | --- | --- | --- | --- |',
    figures('new', watch.newRelease),
    ...(watch.oldRelease === null ? [] : [figures('old', watch.oldRelease)]),
    `\n${answers(watch)}`,
  ].join('\n');
}

/** `420 answers to users, 30 to requests of the watch itself`. */
const answers = ({ real, own }: WatchResult): string =>
  `${count(real)} answers to users, ${count(own)} to requests of the watch itself`;

const figures = (name: string, of: Figures): string =>
  `| ${name} | ${count(of.requests)} | ${count(of.errors)} (${percent(of.errors, of.requests)}) | ${milliseconds(of.p50Ms)} | ${milliseconds(of.p95Ms)} |`;

const wayBack = ({ wayBack: way }: DeploymentStatus): string =>
  `Way back: ${way.open ? 'open' : 'closed'}, ${markdownText(way.reason)}${way.closes === null ? '' : ` (closes ${clock(way.closes)})`}`;

const failures = (list: readonly string[]): string =>
  list.length === 0
    ? ''
    : ['### What went wrong on the way', ...list.map((failure) => `- ${markdownText(failure)}`)].join('\n');

const fence = (text: string): string => `\`\`\`\n${text.replaceAll('```', "'''")}\n\`\`\``;

const SAFE_WORD = /^[A-Za-z0-9_./:@%+,-]+$/;
const quoted = (text: string): string => (SAFE_WORD.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
