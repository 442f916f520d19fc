import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentStatus, StepEvent } from '../../../domain/deployment';
import { deploymentId } from '../../../workflows/messages';
import { MAIN, mvca, startMvca, type Ran, type RunningMvca } from '../../support/mvca';
import { removeScratch } from '../../support/scratch';
import { createScreen } from '../../support/screen';
import { release } from '../../support/statuses';
import { appFolder, createStand, type Stand } from '../stand';

jest.setTimeout(360_000);
let stand: Stand;
beforeAll(async () => {
  stand = await createStand();
});
afterAll(async () => {
  await stand.stop();
  removeScratch();
});

const run = (line: string, cwd = '/'): Promise<Ran> => mvca(line.split(' '), { cwd, env: stand.env });
const start = (line: string, cwd = '/'): RunningMvca => startMvca(line.split(' '), { cwd, env: stand.env });

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await condition()); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`never so: ${condition.toString()}`);
  }
}

const started = (app: string) =>
  until(async () => {
    const found = await stand.client.workflow
      .getHandle(deploymentId(app))
      .describe()
      .catch(() => null);
    return found !== null;
  });

const steps: readonly StepEvent[] = [
  {
    sequence: 1,
    at: '2026-11-23T14:00:00.000Z',
    phase: 'build',
    environment: null,
    step: 'build',
    state: 'started',
    summary: 'npm ci',
  },
  {
    sequence: 2,
    at: '2026-11-23T14:00:02.000Z',
    phase: 'production',
    environment: 'production',
    step: 'shift-100',
    state: 'undone',
    summary: 'back to 1.0.0',
  },
];
const waitingFor: DeploymentStatus['waitingFor'] = {
  kind: 'approval',
  digest: 'sha256:cafe',
  deadline: new Date(Date.now() + 3_600_000).toISOString(),
  then: 'it is rejected',
  answer: 'mvca approve x --digest sha256:cafe',
  from: [],
  needs: 1,
  given: 0,
};

test('`deploy --json` prints one object a line: the steps, and last the outcome', async () => {
  const deploy = start('deploy --json --version 1.1.0', appFolder('json'));
  await started('json');
  await stand.change('json', { steps });
  await until(() => deploy.said().out.includes('undone'));
  await stand.end('json', { outcome: 'rolled-back', reason: 'errors 12 %', report: '/reports/json' });
  const { code, out } = await deploy.ended;
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(4);
  expect(lines.slice(0, 2)).toEqual(steps.map((step) => ({ type: 'step', ...step })));
  expect(lines.slice(2)).toEqual([
    {
      type: 'outcome',
      outcome: 'rolled-back',
      app: 'json',
      version: '1.1.0',
      deployment: 'deploy/json',
      run: expect.stringMatching(/^[0-9a-f-]{36}$/),
      seconds: 1.5,
      reason: 'errors 12 %',
      report: '/reports/json',
    },
  ]);
});

test.each([
  ['succeeded', 0],
  ['rejected', 3],
  ['rolled-back', 4],
  ['rollback-failed', 5],
] as const)(
  'a deployment that ends %s ends `watch` with code %d and one sentence on standard output',
  async (outcome, expected) => {
    const app = `ends-${expected}`;
    await run('deploy --detach --version 2', appFolder(app));
    const watch = start(`watch ${app}`);
    await stand.end(app, { outcome, reason: 'because' });
    const { code, out } = await watch.ended;
    expect(code).toBe(expected);
    expect(out.split('\n')[0]).toMatch(new RegExp(`^${app} 2 .*because\\.$`));
    expect(out).toContain(`web UI  http://ui.example.com/namespaces/`);
    // Once more, when it has ended: the last one is shown.
    expect((await run(`watch ${app}`)).code).toBe(expected);
  },
);

test('who stops reading leaves the deployment running, and is not told that it succeeded', async () => {
  const deploy = start('deploy --version 1', appFolder('unread'));
  await until(() => deploy.said().err.includes('web UI'));
  await started('unread');
  deploy.child.stderr?.destroy();
  await stand.change('unread', { steps });
  expect((await deploy.ended).code).toBe(130);
  await stand.end('unread');
});

test('a second deployment ends with code 6 and says which version, phase and age holds the lock', async () => {
  const folder = appFolder('held');
  await run('deploy --detach --version 1.0.0', folder);
  const { code, err, out } = await run('deploy --version 1.1.0', folder);
  expect({ code, out }).toEqual({ code: 6, out: '' });
  expect(err).toMatch(/error: held 1\.0\.0 is running already: in phase watch, for \d+(\.\d)? s, asked for by ana/);
  await stand.end('held');
});

test('plain lines: a step a line, output indented, and what is waited for with its command', async () => {
  const deploy = start('deploy --version works', appFolder('lines'));
  await started('lines');
  await stand.change('lines', { steps: steps.slice(0, 1) });
  await until(() => deploy.said().err.includes('│ compiled 31 files'));
  await stand.change('lines', { steps, waitingFor });
  await until(() => deploy.said().err.includes('mvca approve x'));
  await stand.end('lines');
  const { code, out, err } = await deploy.ended;
  expect({ code, out: out.split('\n')[0] }).toEqual({ code: 0, out: 'lines works serves in production.' });
  expect(err).toMatch(/^\d\d:\d\d:\d\d build +build +started +npm ci$/m);
  expect(err.match(/│ added 212 packages/g)).toHaveLength(1);
  expect(err).toMatch(/^lines works waits for approval by .* until .*, then it is rejected\.$/m);
  expect(err).toMatch(/^ {2}mvca approve x --digest sha256:cafe$/m);
  expect(out + err).not.toContain('\u001b');
});

test('Ctrl-C leaves the deployment running and says how to come back to it', async () => {
  const deploy = start('deploy --version 1', appFolder('left'));
  await started('left');
  await until(() => deploy.said().err.includes('web UI'));
  deploy.child.kill('SIGINT');
  const { code, err, out } = await deploy.ended;
  expect({ code, out }).toEqual({ code: 130, out: '' });
  expect(err).toContain('come back to it: mvca watch left');
  expect(err).toContain('mvca abort left');
  expect(await stand.client.workflow.getHandle(deploymentId('left')).describe()).toMatchObject({
    status: { name: 'RUNNING' },
  });
  await stand.end('left');
});

test('messages say whether they were accepted, and why not', async () => {
  const folder = appFolder('asked');
  await run('deploy --detach --version 1', folder);
  const early = await run('approve asked --as bo');
  expect(early).toMatchObject({
    code: 2,
    out: 'approval by bo refused: no approval is being waited for: it is in watch\n',
  });
  await stand.change('asked', { waitingFor });
  expect(await run('approve --as ana', folder)).toMatchObject({
    code: 2,
    out: 'approval by ana refused: somebody else must decide\n',
  });
  const wrong = await run('approve asked --as bo --digest sha256:beef');
  expect(wrong).toMatchObject({ code: 2, out: 'approval by bo refused: digest sha256:beef\n' });
  const right = await run('approve asked --as bo');
  expect(right).toMatchObject({ code: 0, out: 'approval by bo accepted: digest sha256:cafe\n' });
  expect(right.err).toContain('plan of shop 1.1.0');
  expect(await run('waive asked --as bo --reason seen --json')).toMatchObject({ code: 2 });
  const status = JSON.parse((await run('status asked --json')).out) as DeploymentStatus;
  expect(status.messages.map(({ kind, from, accepted }) => [kind, from, accepted])).toEqual([
    ['approve', 'ana', false],
    ['approve', 'bo', false],
    ['approve', 'bo', true],
    ['waive', 'bo', false],
  ]);
  const abort = await mvca(['abort', 'asked', '--reason', 'two words', '--json'], { cwd: '/', env: stand.env });
  expect(JSON.parse(abort.out)).toMatchObject({ app: 'asked', accepted: true });
  await until(async () => (await run('watch asked')).code === 4);
  const late = await run('reject asked --reason late');
  expect(late).toMatchObject({ code: 2, out: expect.stringContaining('the deployment has ended') });
  expect(await run('abort never --reason x')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no deployment of never is known'),
  });
});

test("`deploy --approve` sends the requester's own yes, once, and says that it was refused", async () => {
  const deploy = start('deploy --version 1 --approve', appFolder('own'));
  await started('own');
  await stand.change('own', { waitingFor });
  await until(() => deploy.said().err.includes('approval by ana refused: somebody else must decide'));
  await sleep(1_500);
  await stand.end('own');
  const { err } = await deploy.ended;
  expect(err.match(/approval by ana/g)).toHaveLength(1);
});

test('`status --json` has every field that scripts rely on, while one runs and when it has ended', async () => {
  const fields = [
    'app',
    'version',
    'deployment',
    'run',
    'phase',
    'environment',
    'step',
    'outcome',
    'waitingFor',
    'releases',
    'wayBack',
    'why',
    'eta',
    'messages',
  ];
  const folder = appFolder('state');
  await run('deploy --detach --version 1', folder);
  const running = JSON.parse((await run('status --json', folder)).out) as Record<string, unknown>;
  expect(Object.keys(running)).toEqual(expect.arrayContaining(fields));
  expect(running).toMatchObject({
    app: 'state',
    phase: 'watch',
    outcome: null,
    wayBack: { open: true },
    state: 'running',
  });
  await stand.end('state');
  await run('watch state');
  const ended = JSON.parse((await run('status state --json')).out) as Record<string, unknown>;
  expect(Object.keys(ended)).toEqual(expect.arrayContaining(fields));
  // Nothing really runs, whatever the deployment remembers.
  expect(ended).toMatchObject({
    outcome: 'succeeded',
    releases: [],
    wayBack: { open: false, reason: 'nothing serves' },
  });
  expect((await run('status state')).out).toContain('nothing runs');
  expect(await run('status never')).toMatchObject({
    code: 2,
    err: expect.stringContaining('nothing is known of never'),
  });
});

test('`plan` shows every step with its undo, and ends with code 2 when it would be refused', async () => {
  const folder = appFolder('planned');
  const { code, out } = await run('plan', folder);
  expect(code).toBe(0);
  expect(out).toContain('digest  sha256:cafe');
  expect(out).toMatch(/^ {3}1 start +start 2 instances\n {5}undo +stop the new release$/m);
  expect(out).toMatch(/^ {2}time +no history$/m);
  expect(out).toMatch(/^ {2}secret KEY +secret:\/\/file\/shop\/production\/KEY, version 3-ab$/m);
  expect(JSON.parse((await run('plan --json', folder)).out)).toMatchObject({ digest: 'sha256:cafe' });
  const refused = await run('plan --version refused', folder);
  expect(refused).toMatchObject({ code: 2, out: expect.stringContaining('refused: 127.0.0.1:8080 is taken') });
  const dirty = await run('plan --version dirty', folder);
  expect(dirty).toMatchObject({ code: 2, out: '', err: expect.stringContaining('error: the source has 1 change') });
});

test('`rollback` needs no spec at hand: the last deployment knows it', async () => {
  expect(await run('rollback back --to 1.0.0')).toMatchObject({ code: 2, err: expect.stringContaining('--spec') });
  await run('deploy --detach --version 1.1.0', appFolder('back'));
  await stand.end('back');
  expect((await run('watch back')).code).toBe(0);
  // The list of runs follows a moment later.
  await until(async () => (await run('rollback back --to 1.0.0 --environment staging --detach')).code === 0);
  const found = await run('status back --json');
  expect(JSON.parse(found.out)).toMatchObject({ kind: 'rollback', version: '1.0.0', environment: 'staging' });
  const rollback = start('watch back --json');
  await stand.end('back', { outcome: 'rejected', reason: 'no earlier release is kept' });
  expect(await rollback.ended).toMatchObject({ code: 3, out: expect.stringContaining('no earlier release is kept') });
});

test('records are read, and what is wrong with them is said', async () => {
  expect(await run('list')).toMatchObject({ code: 0, out: '', err: 'no deployment was recorded yet\n' });
  expect(await run('list --json')).toMatchObject({ code: 0, out: '[]\n' });
  expect(await run('list away')).toMatchObject({ code: 1, err: 'error: the records cannot be read\n' });
  expect(await run('audit verify')).toMatchObject({
    code: 0,
    out: expect.stringContaining('the audit log is whole: 12 rows'),
  });
  expect(await run('report shop')).toMatchObject({
    code: 2,
    err: expect.stringContaining('there is no report of shop'),
  });
});

describe('on a terminal', () => {
  test('the live view is drawn in place, and the cursor is there again at the end', async () => {
    await run('deploy --detach --version works', appFolder('live'));
    await stand.change('live', { releases: [release({ release: 'works-cccc', version: 'works', weight: 100 })] });
    const terminal = inTerminal('watch live');
    const { screen } = terminal;
    await until(() => screen.lines().some((line) => line.includes('now  npm ci'))).catch((error: Error) => {
      throw new Error(`${error.message}; the screen:\n${screen.lines().join('\n')}`);
    });
    expect(screen.cursorShown).toBe(false);
    expect(screen.lines()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^ ✓ build/), expect.stringMatching(/^new works .* 100 %/)]),
    );
    await stand.end('live', { outcome: 'rejected', reason: 'a test said no' });
    expect(await terminal.ended).toBe(3);
    expect(screen.cursorShown).toBe(true);
    const left = screen.lines().join('\n');
    expect(left).toContain('a test said no.');
    expect(left).not.toContain('now  npm ci');
  });

  test('Ctrl-C gives the cursor back and leaves the deployment running', async () => {
    await run('deploy --detach --version 1', appFolder('quit'));
    const terminal = inTerminal('watch quit');
    await until(() => terminal.screen.lines().some((line) => line.includes('quit 1')));
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(130);
    expect(terminal.screen.cursorShown).toBe(true);
    expect(terminal.screen.lines().join('\n')).toContain('come back to it: mvca watch quit');
    await stand.end('quit');
  });

  test('a secret is asked for without showing it', async () => {
    const terminal = inTerminal('secrets set shop production TYPED');
    await until(() => terminal.screen.lines().join('').includes('nothing is shown'));
    terminal.type('planted\u007f\u007fed-value\r');
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen.lines().join('\n')).toContain('TYPED, version 1');
    expect(terminal.screen.lines().join('\n')).not.toContain('plant');
  });
});

const opened: ChildProcess[] = [];
afterEach(() => {
  for (const child of opened.splice(0)) child.kill('SIGKILL');
});

/** A pseudo-terminal of 100 columns and 30 rows. */
function inTerminal(line: string) {
  const typed = `stty cols 100 rows 30; exec "${process.execPath}" "${MAIN}" ${line}`;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('script', ['-qec', typed, '/dev/null'], { env: { PATH, HOME, TERM: 'xterm', ...stand.env } });
  opened.push(child);
  const screen = createScreen(100, 30);
  child.stdout.setEncoding('utf8').on('data', (text: string) => screen.write(text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { screen, ended, type: (keys: string) => void child.stdin.write(keys) };
}

test('`diagnose` says what the records know of a deployment, and what is missing where they know nothing', async () => {
  const { code, out } = await run('diagnose shop --json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    causes: [{ cause: 'missing-variable', remedy: { command: 'mvca secrets set shop production STRIPE_KEY' } }],
    impact: { requests: 380, failed: 19, clients: 20, clientsAffected: 10 },
    app: 'shop',
    version: '1.4.2',
    from: 'records',
  });
  const told = await run('diagnose shop');
  expect(told.out).toContain('shop 1.4.2 in production: rolled-back; as found when it failed\n');
  expect(told.out).toContain('about 10 of 20 clients (50 %) saw an error');
  expect(told.out).toContain('/pay: 19 of 190 failed');
  const unknown = await run('diagnose 9.9.9');
  expect(unknown).toMatchObject({ code: 2, out: '' });
  expect(unknown.err).toMatch(/no deployment, version or application 9\.9\.9 is in the records.*--logs FILE/);
  expect((await run('diagnose shop --logs x.log')).err).toContain('either a deployment (shop) or --logs');
});
