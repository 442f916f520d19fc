import { plainView } from '../../../../client/cli/follow-views/plain';
import { lineText } from '../../../../client/cli/line';
import type { Print } from '../../../../client/cli/print';
import { statusLines } from '../../../../client/cli/views/status';
import { statusObject } from '../../../../client/cli/commands/status';
import type { LiveActivity } from '../../../../client/live';
import { deploymentStatus, lookAt } from '../../../support/statuses';

const installing = (texts: readonly string[], sinceMs: number): LiveActivity => ({
  name: 'buildArtifact',
  attempt: 2,
  lastFailure: 'the disk did not answer',
  progress: {
    kind: 'command',
    doing: 'npm ci',
    since: sinceMs,
    lines: texts.map((text, index) => ({ n: index + 1, text })),
    log: null,
  },
});

/** What is printed at each look of a deployment. */
function printedAt(looks: readonly LiveActivity[]): readonly string[][] {
  let printed: string[] = [];
  const progress: Print['progress'] = (content) =>
    void printed.push((typeof content === 'string' ? content : lineText(content)).trim());
  const view = plainView({ progress } as Print, { webUi: null });
  return looks.map((activity) => {
    printed = [];
    view.update({ kind: 'look', look: lookAt({ steps: [], warnings: [] }, { activities: [activity] }) });
    return printed;
  });
}

test('A command that says nothing is said to go on, with its time and its last line, and not at every look', () => {
  const since = Date.now() - 95_000;
  const [first = [], second = [], third = []] = printedAt([
    installing(['compiling'], since),
    installing(['compiling'], since),
    installing(['compiling', 'done'], since),
  ]);
  expect(first).toContainEqual(expect.stringMatching(/^│ npm ci goes on, for 1 min 3\d s; it said last: compiling$/));
  expect(second).toEqual([]);
  expect(third).toEqual(['│ done']);
  const silent = printedAt([installing([], since)]).flat();
  expect(silent).toContainEqual(expect.stringMatching(/goes on, for 1 min 3\d s; it has said nothing$/));
});

test('The status says what is done now, for how long, and why it is tried again', () => {
  const now = Date.now();
  const status = deploymentStatus();
  const standing = {
    app: 'shop',
    status,
    state: 'running' as const,
    webUi: null,
    activities: [installing(['compiling'], now - 480_000)],
    releases: status.releases,
    wayBack: status.wayBack,
    freezes: null,
    line: [],
  };
  const lines = statusLines(standing, now).map(lineText);
  expect(lines).toEqual(
    expect.arrayContaining([
      'now  npm ci  for 8 min',
      '   │ compiling',
      'again buildArtifact, try 2: the disk did not answer',
    ]),
  );
  expect(statusObject(standing).activities).toEqual([
    {
      name: 'buildArtifact',
      attempt: 2,
      lastFailure: 'the disk did not answer',
      doing: 'npm ci',
      since: now - 480_000,
      lastLine: 'compiling',
    },
  ]);
});
