/**
 * What the Temporal Web UI shows of a running deployment, as Markdown. Runs inside the workflow: pure, no clock, the same text for
 * the same status.
 */
import type { DeploymentStatus, MessageView, PhaseStatus, WaitingFor } from '../deployment';
import { CLAIMS } from '../identity/identity';
import type { Figures, WatchResult } from '../judge/figures';
import { percent } from '../numbers';
import { visible } from '../visible';
import { commandText, inTable, markdownCell, markdownCode, markdownProse, markdownText } from './markdown-text';
import { outcomeSentence, wayBackSentence, whySentence } from './sentence';
import { clock, count, duration, laterBy, milliseconds, share, stateWords } from './words';
import { watchedSides } from './watched-sides';

/** Signals can be sent by anybody, without end; what is waited for must stay in sight. */
const MESSAGES = 6;

/** Phase table, weights, what it waits for with the command that answers, what people said, and the figures of the last watch. */
export function currentDetails(status: DeploymentStatus): string {
  return [
    `**${markdownProse(outcomeSentence(status))}**`,
    waiting(status),
    paused(status),
    why(status),
    phases(status.phases),
    eta(status),
    weights(status),
    said(status.messages),
    lastWatch(status.watches),
    wayBack(status),
    failures(status.failures),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Who, until when and what then stand in the sentence above it. */
function waiting({ waitingFor, deployment, app, outcome, names }: DeploymentStatus): string {
  if (waitingFor === null || outcome !== null) return '';
  const lines = ['Answer with:', fence(folded(commandText(waitingFor.answer)))];
  const plain = plainSignal(deployment, waitingFor);
  // A name alone counts for nothing then: what is pasted elsewhere is made by the client.
  if (names === 'signed') lines.push(`or send elsewhere what the same command prints with ${markdownCode('--print')}`);
  else if (plain !== null) lines.push('or without the client:', fence(folded(plain)));
  if (names === 'claims') lines.push(markdownProse(CLAIMS));
  const no = waitingFor.kind === 'approval' ? 'reject' : 'abort';
  lines.push(`To say no: ${markdownCode(`mvca ${no} ${app} --reason WHY`)}`);
  return lines.join('\n\n');
}

/** Who paused it, why, until when and what then stand in the sentence above it. */
function paused({ pause, deployment, outcome, names }: DeploymentStatus): string {
  if (pause === null || outcome !== null) return '';
  if (names === 'signed') return ['End the pause with:', fence(folded(commandText(pause.answer)))].join('\n\n');
  return [
    'End the pause with:',
    fence(folded(commandText(pause.answer))),
    'or without the client:',
    fence(folded(resumeSignal(deployment))),
  ].join('\n\n');
}

const resumeSignal = (deployment: string): string => signal(deployment, 'resume', { by: 'YOUR-NAME' });

/** The same answer by `temporal workflow signal`; null where the answer is no signal. */
export function plainSignal(deployment: string, waitingFor: WaitingFor): string | null {
  if (waitingFor.kind === 'variables') return null;
  const [name, message]: [string, object] =
    waitingFor.kind === 'approval'
      ? ['approve', { by: 'YOUR-NAME', digest: waitingFor.digest }]
      : ['waive', { by: 'YOUR-NAME', reason: 'WHY', ...(waitingFor.kind === 'freeze' ? { finding: 'freeze' } : {}) }];
  return signal(deployment, name, message);
}

function signal(deployment: string, name: string, message: object): string {
  const json = JSON.stringify(message).replaceAll(',"', ',\n"').replace('"sha256:', '\n"sha256:');
  return `temporal workflow signal --workflow-id ${quoted(deployment)} --name ${name} --input ${quoted(json)}`;
}

/** The last of what people sent, newest first, each with whether it counted; `status` has them all. */
function said(messages: readonly MessageView[]): string {
  if (messages.length === 0) return '';
  const older = messages.length - MESSAGES;
  return [
    '### What people said',
    ...messages.slice(-MESSAGES).reverse().map(sentence),
    ...(older > 0 ? [`- and ${count(older)} before, which ${markdownCode('mvca status')} shows`] : []),
  ].join('\n');
}

function sentence({ at, kind, from, accepted, reason }: MessageView): string {
  const who = from === '' ? 'nobody named' : markdownText(from);
  return `- **${kind} by ${who} ${accepted ? 'accepted' : 'refused'}**: ${markdownProse(reason)} (${clock(at)})`;
}

const why = ({ why: measured, outcome }: DeploymentStatus): string =>
  measured === null || outcome !== null ? '' : `Why: ${markdownText(whySentence(measured))}`;

function phases(list: readonly PhaseStatus[]): string {
  if (list.length === 0) return '';
  const rows = list.map(({ phase, state, seconds, summary }) =>
    row(phase, state, duration(seconds), markdownCell(summary)),
  );
  return [row('Phase', 'State', 'Time', ''), '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Times of the day: this text stands still while the time runs. */
function eta({ eta: expected, phases: list, outcome }: DeploymentStatus): string {
  const startedAt = list.find(({ phase }) => phase === expected?.phase)?.startedAt ?? null;
  if (expected === null || startedAt === null || outcome !== null) return '';
  const { phase, medianSeconds, p90Seconds, from } = expected;
  return `Expected end of ${phase}: ${laterBy(medianSeconds, startedAt)}, in 9 of 10 by ${laterBy(p90Seconds, startedAt)} (from ${from} before)`;
}

function weights({ releases }: DeploymentStatus): string {
  if (releases.length === 0) return '';
  const rows = releases.map((release) => {
    const name = `${markdownCell(release.version)} ${inTable(markdownCode(release.release))}`;
    const { environment, weight, measured } = release;
    return row(environment, name, share(weight), share(measured), markdownCell(stateWords(release)));
  });
  return [
    row('Environment', 'Release', 'Weight set', 'Share measured', 'State'),
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
    row('', 'Weight set', 'Share measured', 'Requests', 'Errors', 'p50', 'p95'),
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...watchedSides(watch).map(({ name, weight, measured, figures: of }) =>
      figures(name, [share(weight), share(measured)], of),
    ),
    `\n${answers(watch)}`,
  ].join('\n');
}

/** `420 answers to users, 30 to requests of the watch itself`. */
const answers = ({ real, own }: WatchResult): string =>
  `${count(real)} answers to users, ${count(own)} to requests of the watch itself`;

const figures = (name: string, shares: readonly string[], of: Figures): string =>
  row(
    name,
    ...shares,
    count(of.requests),
    `${count(of.errors)} (${percent(of.errors, of.requests)})`,
    milliseconds(of.p50Ms),
    milliseconds(of.p95Ms),
  );

const wayBack = ({ wayBack: way }: DeploymentStatus): string => `Way back: ${markdownProse(wayBackSentence(way))}`;

const failures = (list: readonly string[]): string =>
  list.length === 0
    ? ''
    : ['### What went wrong on the way', ...list.map((failure) => `- ${markdownText(failure)}`)].join('\n');

/** The Web UI draws tables without room between columns: two blanks that it keeps follow each cell. */
const row = (...cells: readonly string[]): string => `| ${cells.map((cell) => `${cell}\u00a0\u00a0`).join(' | ')} |`;

/**
 * A command over several lines, which a shell still reads as one: the column of the Web UI is narrow and does not wrap commands.
 * Words in quotes are left as they are.
 */
const folded = (command: string): string =>
  command
    .split(/('(?:[^']|'\\'')*')/)
    .map((text, index) => (index % 2 === 1 ? text : text.replace(/ (?=--|sha256:)/g, ' \\\n  ')))
    .join('');

const fence = (text: string): string => `\`\`\`\n${visible(text).replaceAll('```', "'''")}\n\`\`\``;

const SAFE_WORD = /^[A-Za-z0-9_./:@%+,-]+$/;
const quoted = (text: string): string => (SAFE_WORD.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
