/** `mvca policy` as a process of its own, against a real engine: what is kept, what changes at once, and whose yes anything weaker needs. */
import { createRecords, openRecords, type Records } from '../../../activities/records';
import { createBench, type Bench } from '../../support/deploying';
import { mvca, type Ran } from '../../support/mvca';
import { freePort } from '../../support/ports';
import { removeScratch, scratch, writeFiles } from '../../support/scratch';
import { hasSshKeygen, makeKey } from '../../support/ssh';

jest.setTimeout(480_000);

let bench: Bench;
let env: Readonly<Record<string, string>>;
let records: Records;
let pool: ReturnType<typeof openRecords>;
beforeAll(async () => {
  bench = await createBench();
  bench.keepsPolicies = true;
  pool = openRecords(bench.database.address);
  records = createRecords({
    pool,
    findReport: async () => null,
    knownHeads: async () => [],
    machineKey: async () => '',
  });
  const { address } = bench;
  env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: bench.namespace,
    MVCA_TASK_QUEUE: bench.queue,
    MVCA_HOME: bench.home.root,
    MVCA_USER: 'mallory',
  };
});
afterAll(async () => {
  await pool?.end();
  await bench?.stop();
  removeScratch();
});

const run = (args: readonly string[], cwd = scratch()): Promise<Ran> => mvca(args, { cwd, env });
const policy = (...args: readonly string[]): Promise<Ran> => run(['policy', ...args]);

/** As a first deployment by ana leaves it: before production ana or bo are asked, and who asks may not be the one. */
let nextPort = 8_200;
async function kept(app: string, folder = scratch(), port = (nextPort += 1)): Promise<string> {
  const approval = {
    from: ['ana', 'bo'],
    needs: 1,
    deadlineMs: 600_000,
    requester: 'may-not',
    onRejected: 'keep',
  } as const;
  const admission = await records.keepPolicy({
    app,
    repository: { remote: null, path: '', folder },
    claims: [{ environment: 'production', approval, addresses: [{ host: '127.0.0.1', port }] }],
    by: 'ana',
    at: '2026-01-01T00:00:00.000Z',
    run: `first-${app}`,
    records: true,
  });
  expect(admission.kind).toBe('admitted');
  return folder;
}

const approvalOf = async (app: string): Promise<unknown> =>
  (JSON.parse((await policy('show', app, '--json')).out) as { environments: { approval: unknown }[] }).environments[0]
    ?.approval;

test('show says that nothing is kept yet, and then to whom it belongs, its address, and who approves', async () => {
  expect(await policy('show', 'unseen')).toMatchObject({
    code: 0,
    out: 'nothing is kept of unseen yet: its first deployment records it\n',
  });
  expect(await policy('show', 'unseen', '--json')).toMatchObject({ code: 0, out: 'null\n' });
  const folder = await kept('seen', scratch(), 8_101);
  const { code, out } = await policy('show', 'seen');
  expect(code).toBe(0);
  expect(out).toContain(`seen  belongs to ${folder}, since 2026-01-01T00:00:00.000Z by ana`);
  expect(out).toContain('production  approval: 1 of ana, bo, not by the requester; 127.0.0.1:8101; since');
  expect(JSON.parse((await policy('show', 'seen', '--json')).out)).toMatchObject({
    app: 'seen',
    repository: { folder },
    environments: [{ environment: 'production', approval: { from: ['ana', 'bo'], needs: 1, requester: 'may-not' } }],
  });
});

test('help tells how, with an example and what the exit codes mean', async () => {
  const { code, out } = await policy('set', '--help');
  expect(code).toBe(0);
  expect(out).toContain('mvca policy set shop production --from ana,bo --needs 2 --requester may-not');
  expect(out).toContain('Exit codes: 0 it counts');
});

test.each([
  [['set', 'wrong', 'production'], 'one change at a time'],
  [['set', 'wrong', 'production', '--needs', '2', '--listen', '127.0.0.1:1'], 'one change at a time'],
  [['set', 'wrong', '--needs', '2'], 'of which environment?'],
  [['set', 'wrong', 'prod', '--needs', '2'], 'development, staging, production'],
  [['set', 'wrong', 'production', '--from', 'ana,-rf'], "cannot be a person's name"],
] as const)('%j is refused with what is wrong', async (args, words) => {
  const said = await policy(...args);
  expect(said).toMatchObject({ code: 2, out: '' });
  expect(said.err).toContain(words);
});

test('of what nothing is kept, nothing is changed', async () => {
  const said = await policy('set', 'unknown', 'production', '--needs', '2');
  expect(said).toMatchObject({ code: 3, out: expect.stringContaining('not changed: nothing is kept of unknown yet') });
});

test('a stronger policy counts at once, whoever asks', async () => {
  await kept('stronger');
  const said = await policy('set', 'stronger', 'production', '--needs', '2');
  expect(said.code).toBe(0);
  expect(said.out).toContain(
    'changed: approval of production: 2 of ana, bo, not by the requester (before: 1 of ana, bo',
  );
  expect(await approvalOf('stronger')).toMatchObject({ needs: 2 });
  const json = await policy('set', 'stronger', 'production', '--from', 'ana,bo', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ app: 'stronger', changed: true });
});

test('a weaker one says so first, counts for nothing without a yes of the old one, and its asker is not heard', async () => {
  await kept('weaker');
  const weaker = ['set', 'weaker', 'production', '--from', 'mallory', '--requester', 'may'] as const;
  const asked = await policy(...weaker, '--detach');
  expect(asked).toMatchObject({ code: 0, out: '' });
  const [first, second, third] = asked.err
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('names are claims'));
  expect(first).toBe(
    'this changes the policy: approval of production: 1 of mallory (before: 1 of ana, bo, not by the requester)',
  );
  expect(second).toContain('the change waits for');
  expect(third).toMatch(/^ +mvca approve weaker --policy --digest sha256:/);
  expect(await approvalOf('weaker')).toMatchObject({ from: ['ana', 'bo'] });

  const twice = await policy('set', 'weaker', 'production', '--needs', '1', '--from', '');
  expect(twice).toMatchObject({ code: 2, err: expect.stringContaining('another change of the policy of weaker') });
  const own = await run(['approve', 'weaker', '--policy']);
  expect(own.code).not.toBe(0);
  expect(`${own.out}${own.err}`).toContain('mallory is not among those who may decide: ana, bo');
  expect(await approvalOf('weaker')).toMatchObject({ from: ['ana', 'bo'] });
  expect((await run(['reject', 'weaker', '--policy', '--reason', 'no', '--as', 'bo'])).code).toBe(0);
  expect(await approvalOf('weaker')).toMatchObject({ from: ['ana', 'bo'] });

  const followed = policy(...weaker, '--json');
  await answered(['reject', 'weaker', '--policy', '--reason', 'still no', '--as', 'bo']);
  const { code, out } = await followed;
  expect([code, JSON.parse(out)]).toEqual([
    3,
    { app: 'weaker', changed: false, reason: expect.stringContaining('rejected by bo: still no') },
  ]);
  const approved = policy(...weaker);
  await answered(['approve', 'weaker', '--policy', '--as', 'ana']);
  expect(await approved).toMatchObject({ code: 0, out: expect.stringContaining('changed: approval of production') });
  expect(await approvalOf('weaker')).toMatchObject({ from: ['mallory'], requester: 'may' });
});

/** As soon as there is something to answer. */
async function answered(args: readonly string[]): Promise<void> {
  let last: Ran | null = null;
  for (let attempt = 0; attempt < 60; attempt += 1) if ((last = await run(args)).code === 0) return;
  throw new Error(`never answered: ${args.join(' ')}: ${JSON.stringify(last)}`);
}

test('a spec that asks for less is said to above everything else of the plan, and does not count', async () => {
  const folder = scratch();
  const port = await freePort();
  const production = [
    '    platform: { kind: process, start: node a.js }',
    `    traffic: { kind: router, listen: 127.0.0.1:${port} }`,
    '    approval: { from: [mallory], requester: may }',
  ];
  writeFiles(folder, {
    'a.js': '',
    'deployment.yaml': ['app: planned', 'environments:', '  production:', ...production, ''].join('\n'),
  });
  await kept('planned', folder, port);
  const { code, out, err } = await run(['plan', '--version', '1.0.0'], folder);
  expect([code, err]).toEqual([0, expect.anything()]);
  expect(out.split('\n')[0]).toContain(
    'the spec asks for a weaker approval of production: `from: mallory` instead of ana, bo',
  );
  expect(out).toContain('ana, bo');
});

if (!hasSshKeygen) test.skip('not tried: there is no ssh-keygen', () => undefined);
(hasSshKeygen ? test : test.skip)(
  'where people have identities, a change is signed by who asks and by who says yes, and a name counts for nothing',
  async () => {
    await kept('proven');
    const keys = scratch();
    const keyOf = (name: string) => makeKey(keys, name).file;
    const [ana, mallory] = [keyOf('ana'), keyOf('mallory')];
    for (const [name, file] of [
      ['ana', ana],
      ['mallory', mallory],
    ] as const)
      expect(await run(['identity', 'add', name, `${file}.pub`])).toMatchObject({ code: 0 });
    const set = ['set', 'proven', 'production', '--from', 'mallory', '--requester', 'may'] as const;
    const keyless = await policy(...set, '--as', 'ana', '--key', mallory, '--detach');
    expect(keyless).toMatchObject({ code: 3, out: expect.stringContaining("is mallory's and not ana's") });
    const handle = bench.client.workflow.getHandle('policy/proven');
    await handle.result();
    const raw = await bench.client.workflow.execute('policy', {
      args: [{ app: 'proven', by: 'ana', change: { kind: 'approval', environment: 'production', to: { needs: 2 } } }],
      taskQueue: bench.queue,
      workflowId: 'policy/proven',
    });
    expect(raw).toMatchObject({ changed: false, reason: expect.stringContaining('ana did not sign it') });
    expect(await policy(...set, '--key', mallory, '--detach')).toMatchObject({ code: 0 });
    const { waitingFor } = await handle.query<{ waitingFor: { digest: string } }>('status');
    await handle.signal('approve', { by: 'ana', digest: waitingFor.digest, id: 'raw' });
    expect(await approvalOf('proven')).toMatchObject({ from: ['ana', 'bo'] });
    const printed = await run(['approve', 'proven', '--policy', '--as', 'ana', '--key', ana]);
    expect(printed).toMatchObject({ code: 0, out: expect.stringContaining('approval by ana accepted') });
    expect(await handle.result()).toMatchObject({ changed: true });
    expect(await approvalOf('proven')).toMatchObject({ from: ['mallory'] });
    expect(await run(['audit', 'verify'])).toMatchObject({ code: 0 });
  },
);
