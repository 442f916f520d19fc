/**
 * Every kind of output, with hostile characters planted in every field that an application, a committer or a message can write: none of them
 * comes out raw, and none begins a line of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import pico from 'picocolors';
import { webhook } from '../../activities/notifications/webhook';
import { slack } from '../../activities/notifications/slack';
import { readable } from '../../activities/progress';
import { endLines, outcomeObject } from '../../client/cli/ending';
import { rowLines } from '../../client/cli/commands/list';
import { logLine } from '../../client/cli/commands/logs';
import { statusObject } from '../../client/cli/commands/status';
import { jsonView } from '../../client/cli/follow-views/json';
import { liveView } from '../../client/cli/follow-views/live';
import { plainView } from '../../client/cli/follow-views/plain';
import { renderLiveView } from '../../client/cli/live-view/render';
import { createPrint, type Print } from '../../client/cli/print';
import { diagnosisLines } from '../../client/cli/views/diagnosis';
import { freezeLines } from '../../client/cli/views/freezes';
import { planEnd, planLines } from '../../client/cli/views/plan';
import { statusLines } from '../../client/cli/views/status';
import type { Look } from '../../client/deployment';
import type { Standing } from '../../client/standing';
import type { DeploymentStatus } from '../../domain/deployment';
import type { FreezeView } from '../../domain/freezes/freeze';
import { currentDetails } from '../../domain/reports/current-details';
import { htmlReport } from '../../domain/reports/html';
import { jsonReport } from '../../domain/reports/json';
import { markdownReport } from '../../domain/reports/markdown';
import { noticeOf } from '../../domain/reports/notice';
import { deployDetails, rollbackDetails } from '../../domain/reports/static-details';
import { formatProblem } from '../../domain/spec/format-problem';
import { parseSpec } from '../../domain/spec/parse';
import { visibleJson } from '../../domain/visible';
import { note, traceOf } from '../../system/note';
import { createLogger } from '../../worker/logger';
import { DIAGNOSED, ROLLED_BACK, WAITING } from '../domain/reports/deployment';
import { deploymentStatus } from '../support/statuses';
import { environmentSpec, spec } from '../support/specs';

const REPOSITORY = path.join(__dirname, '../..');
/** A change of direction, C1, the sequences of a terminal, a backspace, no width, and a line that looks like one of ours. */
const FORGED = 'FORGED shop 9.9.9: succeeded';
const HOSTILE = `\u202e\u2066\u009b31m\u0085\u001b[2J\u001b[8m\u001b]0;x\u0007\b\u200b\u{e0041}\r\n${FORGED}\u2028${FORGED}`;
const RAW = /(?![\n\t])\p{Cc}|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
const FORGED_LINE = new RegExp(`^[ \\t]{0,1}${FORGED.slice(0, 6)}`, 'm');

/** What came out raw, or begins a line, with what stands before it. */
function found(text: string): readonly string[] {
  const places = [RAW.exec(text), FORGED_LINE.exec(text)].filter((match) => match !== null);
  return places.map(({ index }) => JSON.stringify(text.slice(Math.max(0, index - 80), index + 20)));
}

/** What the engine itself chooses: words of lists, moments, and names that are checked where they come in. */
const OURS = new Set(
  'kind state phase outcome verdict environment at startedAt endedAt deadline since until from madeAt closes strategy gate app step digest names requester mode joinedAt deployment run'.split(
    ' ',
  ),
);

/** The same with the planted characters at the end of every other text. */
function planted<T>(value: T, key = ''): T {
  if (typeof value === 'string') return (OURS.has(key) ? value : `${value}${HOSTILE}`) as T;
  if (Array.isArray(value)) return value.map((each) => planted<unknown>(each, OURS.has(key) ? key : '')) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, planted<unknown>(each, name)])) as T;
}

const STATUSES: readonly DeploymentStatus[] = [WAITING, ROLLED_BACK, DIAGNOSED, deploymentStatus()].map((status) =>
  planted(status),
);
const looks = STATUSES.map((status): Look => ({
  status,
  state: 'running',
  activities: planted([
    {
      name: 'runTests',
      attempt: 2,
      lastFailure: 'it failed',
      progress: { kind: 'command', doing: 'npm test', log: '/log', lines: [{ n: 1, text: 'a line' }] },
    },
  ]),
}));
const standings = STATUSES.map((status): Standing => ({
  app: 'shop',
  status,
  state: 'running',
  webUi: `http://localhost/${HOSTILE}`,
  activities: looks[0]?.activities ?? [],
  releases: status.releases,
  wayBack: status.wayBack,
  freezes: planted({ kind: 'unknown' as const, reason: 'no answer' }),
  line: planted([
    {
      id: 'place',
      kind: 'deploy' as const,
      version: '1.0.0',
      requester: 'ana',
      mode: 'queue' as const,
      joinedAt: '2026-11-23T14:00:00.000Z',
      deadline: '2026-11-23T15:00:00.000Z',
      state: 'waiting' as const,
      run: null,
      reason: null,
    },
  ]),
}));
const freeze: FreezeView = {
  ...planted({ id: 'x', app: 'shop', reason: 'sale', by: 'ana', madeAt: '2026-11-23T14:00:00.000Z' }),
  time: { kind: 'once', from: '2026-11-23T14:00:00.000Z', until: '2026-11-23T15:00:00.000Z' },
  windows: [{ from: '2026-11-23T14:00:00.000Z', until: '2026-11-23T15:00:00.000Z' }],
};
const end = { at: '2026-11-23T14:00:00.000Z', instance: 0, stream: 'out' as const, line: `a line${HOSTILE}` };
const release = planted({ environment: 'production' as const, release: '1.0.0-a', version: '1.0.0', folder: '/x' });
const NOW = Date.parse('2026-11-23T14:05:00.000Z');

/** What goes to a terminal, by what asks for it. */
const PRINTED: Readonly<Record<string, (print: Print) => void>> = {
  status: (print) => standings.flatMap((standing) => statusLines(standing, NOW)).forEach((each) => print.result(each)),
  'status --json': (print) => standings.map(statusObject).forEach((each) => print.json(each)),
  'list (the history)': (print) =>
    rowLines(
      STATUSES.map((status) => ({
        ...planted({ version: '1', reason: 'a reason', requester: 'ana' }),
        deployment: 'deploy/shop',
        run: 'run-1',
        app: 'shop',
        kind: 'deploy' as const,
        startedAt: status.startedAt,
        endedAt: null,
        seconds: null,
        phase: status.phase,
        environment: null,
        outcome: null,
        report: null,
        serving: status.releases,
      })),
    ).forEach((each) => print.result(each)),
  logs: (print) => print.result(logLine(release as never, end)),
  'logs --json': (print) => print.json({ ...end, release: 'x' }),
  'plan, and what it changes': (print) =>
    STATUSES.flatMap(({ plan }) => (plan === null ? [] : [...planLines(plan), ...planEnd(plan)])).forEach((each) =>
      print.result(each),
    ),
  diagnose: (print) =>
    STATUSES.flatMap(({ diagnosis }) => (diagnosis == null ? [] : diagnosisLines(diagnosis))).forEach((each) =>
      print.result(each),
    ),
  freezes: (print) => freezeLines(freeze, NOW).forEach((each) => print.result(each)),
  'the end of a deployment': (print) =>
    STATUSES.flatMap((status) => endLines({ status, state: 'completed' }, `http://x/${HOSTILE}`)).forEach((each) =>
      print.result(each),
    ),
  'the end, as JSON': (print) =>
    STATUSES.forEach((status) => print.json(outcomeObject({ id: 'x', run: 'y' }, { status, state: 'failed' }, null))),
  'progress, in lines': (print) => follow(plainView(print, { webUi: `http://x/${HOSTILE}` })),
  'progress, as JSON': (print) => follow(jsonView(print)),
  'errors, words and lists': (print) => {
    print.error(`it failed${HOSTILE}`);
    print.progress(`warning: ${HOSTILE}`);
    print.result(`kept: ${HOSTILE}`);
  },
  'what is wrong with a spec': (print) => {
    const quoted = JSON.stringify(HOSTILE);
    const texts = [
      `app: ${quoted}\n`,
      `app: shop\n${quoted}: 1\nenvironments:\n  production:\n    platform: ${quoted}\n    variables: { ${quoted}: x }\n`,
      `app: shop\nenvironments: {\u009b31m\u202e\n`,
    ];
    for (const text of texts) {
      const parsed = parseSpec(text, `deployment${HOSTILE}.yaml`);
      if (parsed.ok) throw new Error('the spec is wrong');
      for (const problem of parsed.problems) print.progress(formatProblem(problem));
    }
  },
};

function follow(view: ReturnType<typeof plainView>): void {
  for (const look of looks) view.update({ kind: 'look', look });
  view.update({ kind: 'away', sinceMs: 20_000, reason: `gone${HOSTILE}` } as never);
  view.close(looks.at(-1) ?? null);
}

/** Colours of our own are let through: bold, dim, and those of a line. */
const OWN = /\u001b\[(?:1|2|22|31|32|33|36|39)m/g;

function written(colours: 'always' | 'never', act: (print: Print) => void): string {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const print = createPrint({ colours, canRedraw: false, program: 'mvca' }, streams as never);
  act(print);
  const text = [streams.out, streams.err].map((stream) => String(stream.read() ?? '')).join('');
  return text.replace(OWN, '');
}

describe.each(['always', 'never'] as const)('on a terminal, colours %s', (colours) => {
  test.each(Object.entries(PRINTED))('%s', (_title, act) => {
    const text = written(colours, act);
    expect(text.length).toBeGreaterThan(20);
    expect(found(text)).toEqual([]);
  });
});

test('the picture that is redrawn in place', () => {
  for (const look of looks) {
    const lines = renderLiveView(
      { look, nowMs: NOW, webUi: `http://x/${HOSTILE}`, awayMs: 5_000 },
      { width: 400, height: 200 },
    );
    const text = lines.map((whole) => whole.map((segment) => segment.text).join('')).join('\n');
    expect(found(text)).toEqual([]);
  }
});

test('the picture is drawn with sequences of our own only', () => {
  let drawn = '';
  const terminal = {
    columns: 200,
    rows: 60,
    colours: pico.createColors(false),
    asTyped: (text: string) => text,
    write: (text: string) => void (drawn += text),
    onResize: () => () => undefined,
  };
  written('never', (print) => follow(liveView(print, terminal, { webUi: null })));
  // What draws is the cursor's: up, clear, hide and show.
  expect(found(drawn.replace(/\u001b\[(?:\?(?:25|2026)[lh]|\d*[AGJK]|[012]?J)|\r/g, ''))).toEqual([]);
  expect(drawn).not.toContain('\u001b[2J\u001b[8m');
});

const DOCUMENTS: Readonly<Record<string, (status: DeploymentStatus) => string>> = {
  // Line breaks of HTML are blanks, but in what is to be copied.
  'report.html': (status) =>
    htmlReport(status, null).replace(/(<pre[^]*?<\/pre>)|\n/g, (_all, copied?: string) => copied ?? ' '),
  'report.md': (status) => markdownReport(status, null),
  'report.json': (status) => visibleJson(jsonReport(status, null), 2),
  'current details in the Web UI': currentDetails,
  'a message to a webhook': (status) => visibleJson(webhook.body(noticeOf(status, 'waiting'))),
  'a message to Slack': (status) => JSON.stringify(slack.body(noticeOf(status, 'waiting'))),
};

describe.each(Object.entries(DOCUMENTS))('%s', (_title, write) => {
  test.each(STATUSES.map((status, at) => [at, status] as const))('of state %s', (_at, status) => {
    const text = write(status);
    expect(text).toContain('FORGED');
    expect(found(text)).toEqual([]);
  });
});

test('what the Web UI says of a deployment from its first moment', () => {
  const asked = {
    spec: spec(),
    to: 'production',
    version: HOSTILE,
    directory: `/x${HOSTILE}`,
    dirty: true,
    requester: HOSTILE,
  };
  const back = { app: 'shop', environment: environmentSpec(), to: HOSTILE, requester: HOSTILE, reason: HOSTILE };
  const text = deployDetails(asked as never) + rollbackDetails(back);
  expect(found(text)).toEqual([]);
});

describe('what our processes write into their logs', () => {
  const error = Object.assign(new Error(`it broke${HOSTILE}`), { named: HOSTILE });

  test('by themselves', () => {
    const written: string[] = [];
    const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    note(`the lease of ${HOSTILE} ran out`);
    note(traceOf(error));
    write.mockRestore();
    expect(written.map(found)).toEqual([[], []]);
  });

  test('and what the SDK has a worker write, with the errors of activities', () => {
    const written: string[] = [];
    const logger = createLogger((text) => written.push(text));
    logger.warn(`Activity failed${HOSTILE}`, { error, details: { lines: [HOSTILE], [HOSTILE]: 1 } });
    logger.info(HOSTILE);
    expect(written.map(found)).toEqual([[], []]);
    expect(written[0]).toContain('it broke');
  });

  test('there is no other way for them to write', () => {
    const folders = ['activities', 'embedded', 'host', 'system', 'worker'];
    const files = folders.flatMap((folder) =>
      readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    );
    const writes = /\b(?:std(?:err|out)\.write|console\.|writeSync\((?:1|2)\b)/;
    const writing = files.filter(
      (name) => name.endsWith('.ts') && writes.test(readFileSync(path.join(REPOSITORY, name), 'utf8')),
    );
    expect(writing.sort()).toEqual(['system/note.ts', 'worker/logger.ts']);
  });
});

test('lines of commands, as heartbeats carry them', () => {
  expect(readable(`a line${HOSTILE}`)).not.toMatch(/[^\n]*(?:[\u009b\u001b\b\u202e\u2066\u200b]|\u{e0041})/u);
});
