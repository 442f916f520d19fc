import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DeploymentStatus } from '../../../domain/deployment';
import type { SignedHead } from '../../../domain/records';
import { unfinishedSentence, type Unfinished } from '../../../domain/rollback';
import { currentDetails } from '../../../domain/reports/current-details';
import { htmlReport } from '../../../domain/reports/html';
import { jsonReport } from '../../../domain/reports/json';
import { markdownReport } from '../../../domain/reports/markdown';
import { inTable, markdownCode, markdownProse, markdownText } from '../../../domain/reports/markdown-text';
import { DIAGNOSED, PLAN, ROLLED_BACK, WAITING } from './deployment';

const HEAD: SignedHead = { rows: 148, hash: 'ab12'.repeat(16), key: 'MCowBQ==', signature: 'c2ln' };

const DOCUMENTS = [
  ['HTML', (status: DeploymentStatus) => htmlReport(status, HEAD)],
  ['Markdown', (status: DeploymentStatus) => markdownReport(status, HEAD)],
] as const;

describe.each(DOCUMENTS)('a report in %s', (_form, write) => {
  test.each<[string, string]>([
    ['the outcome', 'rolled-back'],
    ['the measured value with its samples', '47 of 398 answers'],
    ['the limit', 'alarm at 7.0'],
    ['how long phases took', '2 min 8 s'],
    ['every step', 'all traffic on 1.1.0'],
    ['the plan that was agreed to', PLAN.digest],
    ['an approval that did not count, and why', 'somebody else must decide'],
    ['findings with the next step', 'mvca waive shop --finding service/payments --reason WHY'],
    ['both releases of a watch', '12,041'],
    ['which answers were real', '398 to users, 0 to requests of the watch itself'],
    ['the artifact', ROLLED_BACK.artifact?.digest ?? ''],
    ['the source', ROLLED_BACK.snapshot?.digest ?? ''],
    ['the way back', '1.1.0 is kept and runs'],
    ['who could not be told', 'answered 500, three times'],
    ['the secret by its reference', 'secret://file/shop/production/PAYMENT_HOOK'],
    ['the head of the audit log', HEAD.hash],
    ['the signature of it', HEAD.signature],
  ])('has %s', (_what, text) => {
    expect(write(ROLLED_BACK)).toContain(text);
  });

  test('is the same for the same status', () => {
    expect(write(ROLLED_BACK)).toBe(write(structuredClone(ROLLED_BACK)));
  });

  test('is written of a deployment that had hardly begun', () => {
    expect(write(bare())).toContain('shop 1.2.0');
  });
});

describe.each(DOCUMENTS)('a report in %s of what went wrong for a known cause', (_form, write) => {
  test.each<[string, string]>([
    ['how sure it is', 'Confidence 95 %, seen 47 times in the new release, never in the old one'],
    ['where the evidence stands', 'shop-1.2.0-d4e5f6/0:12, 2026-11-23 14:03:14 UTC'],
    ['what else it may be', 'Or: POST /cart takes longer than before'],
    ['the command that mends it', 'mvca secrets set shop production STRIPE_WEBHOOK_SECRET'],
    ['what was looked at', '(new release, 812 lines, 47 errors)'],
    [
      'whom it hit',
      'About 31 of 40 clients (77.5 %) saw an error; 47 of 398 requests to the new release failed (11.8 %)',
    ],
    ['which route', '/webhooks/payment'],
    ['when traffic was given back', 'given back at 14:03:20 UTC'],
    ['what was undone, and how soon', '0.7 s'],
  ])('has %s', (_what, text) => {
    expect(write(DIAGNOSED).replaceAll('\u00a0', ' ')).toContain(text);
  });

  test('says what it looked at where no cause was found', () => {
    const diagnosis = { ...DIAGNOSED.diagnosis!, causes: [], impact: null };
    const told = write({ ...DIAGNOSED, diagnosis });
    expect(told).toContain('No cause was found');
    expect(told).toContain('812 lines');
    expect(told).not.toContain('Whom it hit');
  });
});

describe.each(DOCUMENTS)('a report in %s of what could not be undone', (_form, write) => {
  const stop: Unfinished = {
    ...{ environment: 'production', step: 'start', release: 'shop-1.2.0-d4e5f6', does: 'stop shop-1.2.0-d4e5f6' },
    ...{ error: 'no space left on device', now: 'is running and has 0 % of the traffic' },
    command: 'mvca retire shop shop-1.2.0-d4e5f6 --environment production',
  };
  const back = { command: 'mvca rollback shop --environment production --to shop-1.1.0-a1b2c3 --reason WHY' };
  const unfinished = [stop, { ...stop, ...back, does: 'give back' }, { ...stop, ...back, does: 'start again' }];
  const failures = [...unfinished.map(unfinishedSentence), 'nobody could be told'];
  const document = write({ ...ROLLED_BACK, outcome: 'rollback-failed', unfinished, failures }).replaceAll(
    '\u00a0',
    ' ',
  );

  test('has each thing with why, how it stands, and the command alone on its line', () => {
    for (const part of ['What is left to do', 'Stop shop-1.2.0', 'Give back', 'Start again', stop.error, stop.now])
      expect(document).toContain(part);
    for (const { command } of unfinished) expect(document).toMatch(new RegExp(`(^|<code>)${command}(<|$)`, 'm'));
  });

  test('tells it once, beside other failures, and a command that finishes two things once in its sentence', () => {
    expect(document).not.toContain('finish it with');
    expect(document).toContain('nobody could be told');
    expect(document).toContain('to give back and to start again: ');
  });
});

test('a report without the head of the audit log says so', () => {
  expect(htmlReport(ROLLED_BACK, null)).toContain('could not be read');
  expect(markdownReport(ROLLED_BACK, null)).toContain('could not be read');
});

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'--></style><svg onload=alert(1)>",
  '`<b>`',
  '&lt;b&gt;',
  'a\0b\u0007',
  '${1}{{2}}',
];

test('text of others stays text in HTML, wherever it stands', () => {
  for (const text of HOSTILE) {
    const html = [WAITING, ROLLED_BACK, DIAGNOSED].map((status) => htmlReport(withText(status, text), HEAD)).join('');
    expect(html).not.toMatch(/<(script|img|b)\b|<svg (?!class="(wide|narrow)" )/i);
    expect(html).not.toMatch(/[\0\u0007]/);
    for (const tag of html.match(/<[a-z][^>]*>/g) ?? []) expect(tag).toMatch(KNOWN_TAG);
  }
});

const KNOWN_TAG =
  /^<(html|head|body|header|main|section|figure|figcaption|h[1-3]|p|pre|dl|dt|dd|div|ul|ol|li|table|thead|tbody|tr|th|td|code|span|i|style|title|meta|svg|desc|g|path|text)( (lang|charset|name|content|http-equiv|class|id|scope|style|data-label|viewBox|role|aria-labelledby|d|x|y|dy)="[^"<>]*")*\/?>$/;

test('an HTML report is one file that loads nothing and runs nothing', () => {
  const html = htmlReport(DIAGNOSED, HEAD);
  expect(html).not.toMatch(/<(script|link|img|iframe|object)|\bon\w+=|@import|url\(|href=|src=/i);
  expect(html).toContain(`default-src 'none'`);
  expect(html).toContain('prefers-color-scheme: dark');
  expect(html).toContain('@media print');
});

test('text of others stays text in Markdown, and a table keeps its columns', () => {
  const markdown = markdownReport(withText(DIAGNOSED, 'a | b\n# c <b> [d](http://e) *f* _g_'), HEAD);
  expect(markdown).not.toMatch(/^# c/m);
  expect(markdown.replace(/^```sh\n.*\n```$/gm, '').replace(/`[^`\n]*`/g, '')).not.toMatch(/[^\\]<b>|[^\\]\]\(/);
  const columns = (line: string): number => line.replace(/\\\|/g, '').split('|').length;
  for (const table of markdown.match(/(^\|.*\n)+/gm) ?? []) {
    expect(new Set(table.trim().split('\n').map(columns)).size).toBe(1);
  }
});

test('Markdown text is escaped where it would mean something, and nowhere else', () => {
  expect(markdownText('1.2.0 of 3. x - y')).toBe('1.2.0 of 3. x - y');
  expect(['1. a', '- a', '# a', '-'].map(markdownText)).toEqual(['1\\. a', '\\- a', '\\# a', '\\-']);
  expect(markdownCode('a`b``c|d')).toBe('```a`b``c|d```');
  expect(inTable('a \\| `b|c`')).toBe('a \\| `b\\|c`');
  expect(markdownProse('run `mvca *` now')).toBe('run `mvca *` now');
});

test('a report in JSON has the whole status, the sentence and the head', () => {
  const report = jsonReport(ROLLED_BACK, HEAD);
  expect(JSON.parse(JSON.stringify(report))).toEqual({
    format: 1,
    sentence: expect.stringContaining('was rolled back'),
    status: ROLLED_BACK,
    audit: HEAD,
  });
});

describe('current details', () => {
  test('say what is waited for, until when, what then, and both commands that answer', () => {
    const details = currentDetails(WAITING);
    expect(details).toContain('until 2026-11-24 14:02:30 UTC, then it is rejected');
    const commands = [...details.matchAll(/```\n([^]*?)\n```/g)].map(([, command = '']) => command);
    expect(commands.map(asTyped)).toEqual([
      ['mvca', 'approve', 'shop', '--digest', PLAN.digest],
      [
        ...['temporal', 'workflow', 'signal', '--workflow-id', 'deploy/shop', '--name', 'approve', '--input'],
        { by: 'YOUR-NAME', digest: PLAN.digest },
      ],
    ]);
    for (const line of commands.join('\n').split('\n')) expect(line.length).toBeLessThan(80);
    expect(details).toContain('`mvca reject shop --reason WHY`');
  });

  test('ask for a waiver where a person must decide', () => {
    const waitingFor = { ...WAITING.waitingFor!, kind: 'person', digest: null } as const;
    const details = currentDetails({ ...WAITING, waitingFor });
    expect(details).toMatch(/--name waive/);
    expect(details).toMatch(/--input '\{"by":"YOUR-NAME",\s*"reason":"WHY"\}'/);
    expect(details).toContain('`mvca abort shop --reason WHY`');
  });

  test('name the last messages of people, also those that did not count, and say how many came before', () => {
    expect(currentDetails(WAITING)).toContain(
      '- **approve by ana refused**: ana asked for this deployment; somebody else must decide (approval.requester: may-not) (2026-11-23 14:02:40 UTC)',
    );
    const messages = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ ...WAITING.messages[0]!, from: `*p${n}*` }));
    const details = currentDetails({ ...WAITING, messages });
    expect([...details.matchAll(/approve by (\S+) refused/g)].map(([, who]) => who)).toEqual(
      [8, 7, 6, 5, 4, 3].map((n) => `\\*p${n}\\*`),
    );
    expect(details).toContain('- and 2 before, which `mvca status` shows');
  });

  test('show phases, weights set and measured, and both releases of the last watch', () => {
    const details = currentDetails(ROLLED_BACK).replaceAll('\u00a0', '');
    expect(details).toContain('| staging | succeeded | 2 min 8 s | healthy |');
    expect(details).toContain('| production | 1.1.0 `shop-1.1.0-a1b2c3` | 100 % | 100 % | running |');
    expect(details).toContain('| new | 3 % | 3.2 % | 398 | 47 (11.8 %) | 6 ms | 18 ms |');
    expect(details).toContain('| old | 97 % | 96.8 % | 12,041 | 3 (0.02 %) | 5 ms | 17 ms |');
  });

  test('say by what time the current phase should have ended, where there is a history', () => {
    const eta = { phase: 'staging' as const, medianSeconds: 60, p90Seconds: 90, from: 5 };
    const startedAt = '2026-11-23T14:00:30.000Z';
    const phases = [{ phase: 'staging' as const, state: 'running' as const, startedAt, seconds: null, summary: '' }];
    expect(currentDetails({ ...WAITING, eta, phases })).toContain(
      'Expected end of staging: 2026-11-23 14:01:30 UTC, in 9 of 10 by 2026-11-23 14:02:00 UTC (from 5 before)',
    );
    expect(currentDetails({ ...WAITING, phases })).not.toContain('Expected end');
  });

  test('are short, and shown of a deployment that had hardly begun', () => {
    expect(currentDetails(ROLLED_BACK).length).toBeLessThan(3_000);
    expect(currentDetails(bare())).toContain('shop 1.2.0');
  });

  test('lean on nothing that a workflow does not have', async () => {
    const folder = path.join(__dirname, '../../../domain/reports');
    for (const name of ['current-details', 'sentence', 'words', 'markdown-text']) {
      expect(await readFile(path.join(folder, `${name}.ts`), 'utf8')).not.toMatch(/from 'node:|\bprocess\b|\bBuffer\b/);
    }
  });
});

/** What a real shell makes of a command of several lines; its JSON parsed. */
function asTyped(command: string): unknown[] {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  const words = printed.split('\0').slice(0, -1);
  return words.map((word) => (word.startsWith('{') ? (JSON.parse(word) as unknown) : word));
}

const bare = (): DeploymentStatus => ({
  ...WAITING,
  waitingFor: null,
  releases: [],
  messages: [],
  phases: [],
  steps: [],
  plan: null,
  snapshot: null,
  artifact: null,
  gates: [],
});

/** The status with `text` in the place of every text that comes from outside. */
function withText(status: DeploymentStatus, text: string): DeploymentStatus {
  const fixed = new Set([
    'kind',
    'phase',
    'state',
    'outcome',
    'verdict',
    'startedAt',
    'at',
    'deadline',
    'gate',
    'closes',
    'requester',
  ]);
  return JSON.parse(JSON.stringify(status), (key, value: unknown) =>
    typeof value === 'string' && (!fixed.has(key) || key === 'requester') ? text : value,
  ) as DeploymentStatus;
}
