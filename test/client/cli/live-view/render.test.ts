import { lineText } from '../../../../client/cli/line';
import { renderLiveView, type LiveState } from '../../../../client/cli/live-view/render';
import { columns } from '../../../../client/cli/text';
import { outcomeSentence } from '../../../../domain/reports/sentence';
import type { LiveActivity } from '../../../../client/live';
import { deploymentStatus, figures, lookAt, START } from '../../../support/statuses';

const NOW = START + 120_000;
const picture = (state: Partial<LiveState> = {}, size = { width: 100, height: 40 }): string[] =>
  renderLiveView({ look: lookAt(), nowMs: NOW, webUi: null, awayMs: null, ...state }, size).map((line) =>
    lineText(line).trimEnd(),
  );

const watching: LiveActivity = {
  name: 'watchRelease',
  attempt: 1,
  lastFailure: null,
  progress: {
    kind: 'watch',
    weights: { '1.0.0-aaaa': 0, '1.1.0-bbbb': 100 },
    measured: { '1.0.0-aaaa': 0.2, '1.1.0-bbbb': 99.8 },
    newRelease: figures({ requests: 1204, errors: 3, p50Ms: 3, p95Ms: 8.4 }),
    oldRelease: figures({ requests: 18_403, errors: 0, p50Ms: 4, p95Ms: 9 }),
    real: 1174,
    own: 30,
    untilMs: NOW + 200_000,
    resume: null,
  },
};
const building: LiveActivity = {
  name: 'buildArtifact',
  attempt: 1,
  lastFailure: null,
  progress: {
    kind: 'command',
    doing: 'npm ci',
    lines: ['one', 'two', 'three', 'four \u001b[2J\u0007end'].map((text, index) => ({ n: index + 1, text })),
    log: null,
  },
};
const waitingFor = {
  kind: 'approval' as const,
  digest: `sha256:${'c'.repeat(64)}`,
  deadline: new Date(NOW + 3_600_000).toISOString(),
  then: 'it is rejected',
  answer: `mvca approve shop --digest sha256:${'c'.repeat(64)}`,
  from: ['ana', 'bo'],
  needs: 1,
  given: 0,
};

test('phases stand with their state, their time and what they last said', () => {
  expect(picture()).toEqual([
    'shop 1.1.0  asked for by ana, 2 min ago',
    ' ✓ validate             12 s  312 tests',
    ' ✓ build                22 s  tar, 312 files',
    expect.stringMatching(/^ [◐◓◑◒] watch {10}1 min 26 s {2}watching$/),
    '',
    'production             set  measured   requests            errors      p50      p95',
    'new 1.1.0            100 %    99.8 %          -                 -        -        -',
    'old 1.0.0              0 %     0.2 %          -                 -        -        -',
    '',
    'way back  open: 1.0.0 is kept warm',
  ]);
});

test('a watch shows both releases side by side, set and measured, and the time left', () => {
  const lines = picture({ look: lookAt({}, { activities: [watching] }) });
  expect(lines.slice(-6, -2)).toEqual([
    'production             set  measured   requests            errors      p50      p95',
    'new 1.1.0            100 %    99.8 %      1,204        3 (0.25 %)     3 ms     8 ms',
    'old 1.0.0              0 %     0.2 %     18,403                 0     4 ms     9 ms',
    'watching, 3 min 20 s left: 1,174 answers to users, 30 to requests of the watch',
  ]);
});

test('after a watch its own counts say what was measured, not what was known before it', () => {
  const watch = {
    environment: 'production' as const,
    weight: 100,
    verdict: 'healthy' as const,
    reason: 'healthy',
    why: null,
    newRelease: figures({ requests: 300 }),
    oldRelease: figures({ requests: 100 }),
    real: 400,
    own: 0,
    givenBack: false,
    firstBadAt: null,
    lastBadAt: null,
    seconds: 10,
  };
  const lines = picture({ look: lookAt({ watches: [watch] }) });
  expect(lines.at(-4)).toMatch(/^new 1\.1\.0 +100 % +75 % +300 /);
  expect(lines.at(-3)).toMatch(/^old 1\.0\.0 +0 % +25 % +100 /);
});

test('in a narrow terminal each release gets lines of its own, and no line is wider than the terminal', () => {
  const lines = picture({ look: lookAt({}, { activities: [watching] }) }, { width: 40, height: 40 });
  expect(lines).toContain('new 1.1.0         100 % set, 99.8 % mea…');
  expect(lines).toContain('    1,204 requests, 3 (0.25 %) errors');
  expect(lines).toContain('    p50 3 ms, p95 8 ms');
  expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(40);
});

test('a running command shows its last lines, and as an escape what would move the cursor', () => {
  const lines = picture({ look: lookAt({ releases: [] }, { activities: [building] }) });
  expect(lines.slice(-4)).toEqual(['now  npm ci', '   │ two', '   │ three', '   │ four \\u{0007}end']);
});

test('a command that says nothing for minutes shows its time', () => {
  const progress = { kind: 'command', doing: 'npm ci', since: NOW - 95_000, lines: [], log: null } as const;
  const lines = picture({ look: lookAt({ releases: [] }, { activities: [{ ...building, progress }] }) });
  expect(lines.at(-1)).toBe('now  npm ci  for 1 min 35 s');
});

test('an activity that is tried again says why', () => {
  const again: LiveActivity = {
    name: 'record',
    attempt: 7,
    lastFailure: 'the records cannot be written',
    progress: null,
  };
  expect(picture({ look: lookAt({ releases: [] }, { activities: [again] }) }).at(-1)).toBe(
    'again record, try 7: the records cannot be written',
  );
});

test('waiting names whose turn it is, the time left, what happens then, and the whole command that answers', () => {
  const lines = picture({ look: lookAt({ waitingFor }) });
  expect(lines.join(' ')).toContain(outcomeSentence(deploymentStatus({ waitingFor })));
  expect(lines).toContain('1 h left; answer with:');
  expect(lines).toContain(`  ${waitingFor.answer}`);
  const narrow = picture({ look: lookAt({ waitingFor }) }, { width: 50, height: 40 });
  expect(narrow.join('')).toContain(waitingFor.answer);
});

test('what was measured and whether one can go back stands below the traffic', () => {
  const why = { measure: 'errors', value: '0.6 %', limit: '1 %', samples: '1 of 160 answers', source: 'router' };
  const lines = picture({ look: lookAt({ why }) });
  expect(lines.slice(-2)).toEqual([
    'why  errors 0.6 %, limit 1 % (1 of 160 answers; source: router)',
    'way back  open: 1.0.0 is kept warm',
  ]);
});

test('an estimate is shown where there is a history, and counts down', () => {
  const eta = { phase: 'watch' as const, medianSeconds: 300, p90Seconds: 400, from: 5 };
  expect(picture({ look: lookAt({ eta }) }).at(-1)).toBe(
    'watch: about 3 min 34 s left, at most 5 min 14 s in 9 of 10 (from 5 before)',
  );
  expect(picture().join('\n')).not.toContain('about');
  expect(picture({ look: lookAt({ eta: { ...eta, medianSeconds: 10, p90Seconds: 20 } }) }).at(-1)).toBe(
    'watch: takes longer than 9 of 10 before, which took at most 20 s (from 5 before)',
  );
});

test('the address of the Web UI is shown whole or not at all', () => {
  const webUi = 'http://127.0.0.1:8233/namespaces/default/workflows/deploy%2Fshop';
  expect(picture({ webUi }, { width: 80, height: 40 }).at(-1)).toBe(`web UI  ${webUi}`);
  expect(picture({ webUi }, { width: 60, height: 40 }).join('\n')).not.toContain('web UI');
});

test('while the engine is away the picture says so and stays', () => {
  const lines = picture({ awayMs: 12_000 });
  expect(lines[1]).toBe('the engine does not answer, for 12 s; trying on. What is below was seen last');
  expect(lines.join('\n')).toContain('312 tests');
});

test('an ended deployment shows its outcome in the first line and waits for nothing', () => {
  const lines = picture({
    look: lookAt({ outcome: 'rolled-back', reason: 'errors 12 %, limit 1 %', waitingFor }, { state: 'completed' }),
  });
  expect(lines[0]).toBe('shop 1.1.0 was rolled back in production, and 1.0.0 serves: errors 12 %, limit 1 %.');
  expect(lines.join('\n')).not.toContain('waits for');
});

const STATES: readonly (readonly [string, Partial<LiveState>])[] = [
  ['at its start', { look: lookAt({ releases: [], phases: [], plan: null, step: '', version: '' }) }],
  ['while it builds', { look: lookAt({}, { activities: [building] }) }],
  ['while it waits', { look: lookAt({ waitingFor }), webUi: 'http://127.0.0.1:8233' }],
  [
    'in its watch, the engine away',
    { look: lookAt({}, { activities: [watching, building] }), awayMs: 1_000, webUi: 'x' },
  ],
  ['with wide characters', { look: lookAt({ app: '店舗', version: '🚀🚀🚀', requester: 'é'.repeat(200) }) }],
];

test.each(STATES)('%s it fits every size of a terminal', (_name, state) => {
  for (const width of [1, 2, 10, 40, 79, 80, 84, 200]) {
    for (const height of [1, 2, 5, 10, 24, 60]) {
      const lines = renderLiveView(
        { look: lookAt(), nowMs: NOW, webUi: null, awayMs: null, ...state },
        { width, height },
      );
      expect(lines.length).toBeLessThanOrEqual(height);
      for (const line of lines) expect(columns(lineText(line))).toBeLessThanOrEqual(width);
    }
  }
});

test('in a low window what is waited for stays, and the phases go first', () => {
  const lines = picture(
    { look: lookAt({ waitingFor }, { activities: [building] }), webUi: 'x' },
    { width: 120, height: 5 },
  );
  expect(lines[0]).toContain('shop 1.1.0');
  expect(lines.join('\n')).toContain('waits for approval');
  expect(lines.join('\n')).not.toContain('312 tests');
});

test('the same state gives the same picture', () => {
  expect(picture({ look: lookAt(deploymentStatus()) })).toEqual(picture({ look: lookAt(deploymentStatus()) }));
});
