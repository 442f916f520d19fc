import { slack } from '../../../activities/notifications/slack';
import { webhook } from '../../../activities/notifications/webhook';
import { endLines } from '../../../client/cli/ending';
import { plainView } from '../../../client/cli/follow-views/plain';
import { lineText, type Line } from '../../../client/cli/line';
import type { Print } from '../../../client/cli/print';
import { statusLines } from '../../../client/cli/views/status';
import type { DeploymentStatus } from '../../../domain/deployment';
import { currentDetails } from '../../../domain/reports/current-details';
import { htmlReport } from '../../../domain/reports/html';
import { jsonReport } from '../../../domain/reports/json';
import { markdownReport } from '../../../domain/reports/markdown';
import { noticeOf } from '../../../domain/reports/notice';
import { outcomeSentence } from '../../../domain/reports/sentence';
import { DIAGNOSED, ROLLED_BACK, WAITING } from './deployment';

const UNDECIDED: DeploymentStatus = {
  ...WAITING,
  phase: 'watch',
  waitingFor: {
    ...WAITING.waitingFor!,
    kind: 'person',
    about: 'the watch is inconclusive: answers 3, limit 30 (3 answers; source: router)',
    then: 'it is rolled back',
    from: [],
  },
};

/** How it stands, and what the sentence must say at least. */
const STATUSES: readonly (readonly [string, DeploymentStatus, string])[] = [
  [
    'a success',
    {
      ...ROLLED_BACK,
      ...{ outcome: 'succeeded', reason: null, why: null },
      watches: ROLLED_BACK.watches.map((watch) => ({
        ...watch,
        verdict: 'healthy',
        reason: 'healthy: errors 0.07 %, limit 1 % (1 of 1,398 answers; source: router)',
      })),
    },
    'serves in production: healthy: errors 0.07 %, limit 1 % (1 of 1,398 answers; source: router).',
  ],
  ['a rollback by the judge', ROLLED_BACK, 'errors 11.8 %, limit 1 %; evidence 8.2, alarm at 7.0 (47 of 398 answers'],
  ['a rollback whose cause is known', DIAGNOSED, 'likely cause: the variable STRIPE_WEBHOOK_SECRET is not set'],
  [
    'a rejection',
    { ...ROLLED_BACK, outcome: 'rejected', reason: 'bo said no: not <today> & not `so`', why: null },
    'bo',
  ],
  [
    'a way back that is not whole',
    { ...ROLLED_BACK, outcome: 'rollback-failed', why: null, reason: 'a list\n- of one\n- and another' },
    'a person must look',
  ],
  ['a wait for an approval', WAITING, 'waits for approval by bo'],
  ['a wait for a decision', UNDECIDED, 'as the watch is inconclusive: answers 3, limit 30'],
];

const OUTPUTS: readonly (readonly [string, (status: DeploymentStatus) => string])[] = [
  ['terminal', terminal],
  ['status', (status) => lines(statusLines(standing(status), Date.parse(status.startedAt)))],
  ['Web UI', (status) => fromMarkdown(currentDetails(status))],
  ['webhook', (status) => JSON.parse(JSON.stringify(webhook.body(noticeOf(status, 'x'))), revived) as string],
  ['Slack', (status) => fromHtml(JSON.parse(JSON.stringify(slack.body(noticeOf(status, 'x'))), revived) as string)],
  ['HTML report', (status) => fromHtml(htmlReport(status, null))],
  ['Markdown report', (status) => fromMarkdown(markdownReport(status, null))],
  ['JSON report', (status) => jsonReport(status, null).sentence],
];

describe.each(STATUSES)('of %s', (_name, status, says) => {
  test.each(OUTPUTS)('the %s has the one sentence', (_output, write) => {
    const sentence = outcomeSentence(status);
    expect(sentence).toContain(says);
    expect(bare(write(status))).toContain(bare(sentence));
  });
});

test('a likely cause comes with the command that mends it', () => {
  expect(outcomeSentence(DIAGNOSED)).toMatch(
    /; likely cause: .*; `mvca secrets set shop production STRIPE_WEBHOOK_SECRET`\.$/,
  );
});

test('what succeeded has no cause of a failure', () => {
  expect(outcomeSentence({ ...DIAGNOSED, outcome: 'succeeded' })).not.toContain('likely cause');
});

test('states of older versions, which know no diagnosis, are told as well', () => {
  const { diagnosis: _unknown, ...older } = ROLLED_BACK;
  expect(outcomeSentence(older)).toBe(outcomeSentence(ROLLED_BACK));
});

function terminal(status: DeploymentStatus): string {
  if (status.outcome !== null)
    return endLines({ status, state: 'completed' }, null)
      .map((whole) => (typeof whole === 'string' ? whole : lineText(whole)))
      .join('\n');
  const said: string[] = [];
  const progress = (whole: Line | string): number => said.push(typeof whole === 'string' ? whole : lineText(whole));
  const view = plainView({ progress } as unknown as Print, { webUi: null });
  view.update({ kind: 'look', look: { status, activities: [], state: 'running' } });
  return said.join('\n');
}

const standing = (status: DeploymentStatus) => ({
  app: status.app,
  status,
  state: status.outcome === null ? ('running' as const) : ('completed' as const),
  webUi: null,
  releases: status.releases,
  wayBack: status.wayBack,
  freezes: null,
  line: [],
});

const lines = (list: readonly Line[]): string => list.map(lineText).join('\n');

/** Every text of a JSON value, one after the other. */
const revived = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Object.values(value).join('\n') : value;

/** Markup, escapes and the width of blanks are form: the words and their order are compared. */
const bare = (text: string): string => text.replace(/[`*]/g, '').replace(/\s+/g, ' ').trim();

const fromMarkdown = (markdown: string): string =>
  markdown.replace(/\\([\\`*_[\]<>|~#+.)-])/g, '$1').replaceAll('&amp;', '&');

const fromHtml = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
