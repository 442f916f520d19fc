/** Who deploys must not decide who approves, nor act in the name of an application of somebody else. */
import { execFileSync } from 'node:child_process';
import { approve, policyId } from '../../workflows/messages';
import type { DeploymentResult } from '../../domain/deployment';
import type { Change } from '../../domain/policy/change';
import type { RepositoryId } from '../../domain/policy/policy';
import type { ApprovalSpec, Spec } from '../../domain/spec/spec';
import { createRecords, openRecords, type Records } from '../../activities/records';
import { createBench, follow, request, shopFolder, type Bench, type Running } from '../support/deploying';
import { approved, audited, goodFolder, shopNamed } from '../support/scenario';

const MALLORYS = { from: ['mallory'], requester: 'may' } as const;
const LIMIT_MS = 120_000;

const AT = '2026-01-01T00:00:00.000Z';

let bench: Bench;
let records: Records;
const pools: ReturnType<typeof openRecords>[] = [];
const recordsOf = (): Records => {
  const pool = openRecords(bench.database.address);
  pools.push(pool);
  return createRecords({ pool, findReport: async () => null, knownHeads: async () => [], machineKey: async () => '' });
};
beforeAll(async () => {
  bench = await createBench();
  bench.keepsPolicies = true;
  records = recordsOf();
}, LIMIT_MS);
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await bench.stop();
});

/** What a first deployment by ana leaves: her folder, the addresses, and ana and bo before production. */
async function kept(app: string): Promise<Spec> {
  const spec = approved(await shopNamed(app), { from: ['ana', 'bo'] });
  await firstUse(app, spec, { remote: null, path: '', folder: goodFolder() });
  return spec;
}

async function firstUse(app: string, { environments }: Spec, repository: RepositoryId): Promise<void> {
  const claims = environments.map(({ name, approval, traffic }) => ({
    environment: name,
    approval,
    addresses: [traffic.listen],
  }));
  await records.keepPolicy({ app, repository, claims, by: 'ana', at: AT, run: `first-${app}`, records: true });
}

async function approveAs(running: Running, by: string): Promise<void> {
  const { waitingFor } = await running.until(({ waitingFor: waits }) => waits?.kind === 'approval');
  await running.handle.signal(approve, { by, digest: waitingFor?.digest ?? '' });
}

const withApproval = (spec: Spec, change: Partial<ApprovalSpec> | null): Spec => ({
  ...spec,
  environments: spec.environments.map((environment) =>
    environment.name === 'production' && environment.approval !== null
      ? { ...environment, approval: change && { ...environment.approval, ...change } }
      : environment,
  ),
});

const outcomeOf = async (spec: Spec, directory: string): Promise<DeploymentResult> =>
  (await bench.start(request(spec, { version: '1.1.0', directory, requester: 'mallory' }))).result();

test(
  'a branch that has its author approve it waits for the people of the kept policy, and says so above everything',
  async () => {
    const spec = approved(await shopNamed('branch'), { from: ['ana', 'bo'] });
    const first = await bench.start(request(spec, { directory: goodFolder() }));
    await approveAs(first, 'bo');
    expect((await first.result()).outcome).toBe('succeeded');
    const running = await bench.start(
      request(withApproval(spec, MALLORYS), { version: '1.1.0', directory: goodFolder(), requester: 'mallory' }),
    );
    await approveAs(running, 'mallory');
    const refused = await running.until(({ messages }) => messages.length > 0);
    expect(refused.messages).toMatchObject([{ kind: 'approve', from: 'mallory', accepted: false }]);
    const words =
      'the spec asks for a weaker approval of production: `from: mallory` instead of ana, bo, `requester: may` instead of may-not; ' +
      'the kept policy applies: 1 of ana, bo, not by the requester (change it with: mvca policy set branch production)';
    expect(refused).toMatchObject({ weaker: [words], plan: { weaker: [words] }, waitingFor: { from: ['ana', 'bo'] } });
    await approveAs(running, 'bo');
    expect((await running.result()).outcome).toBe('succeeded');
    expect(await audited(bench, 'branch')).toContainEqual({
      action: 'policy.weaker',
      actor: 'mallory',
      summary: words,
    });
  },
  LIMIT_MS,
);

test(
  'a branch that asks nobody is asked about nevertheless',
  async () => {
    const spec = await kept('nobody');
    const running = await bench.start(
      request(withApproval(spec, null), { version: '1.1.0', directory: goodFolder(), requester: 'mallory' }),
    );
    const { phases } = await running.until(({ waitingFor }) => waitingFor?.kind === 'approval');
    expect(phases.map(({ phase }) => phase)).toContain('approval');
    await running.handle.signal('reject', { by: 'bo', reason: 'no' });
    expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'ApprovalRejected' });
  },
  LIMIT_MS,
);

test(
  'a rollback that is asked for with an approval of its own has waivers decided by the kept people',
  async () => {
    const spec = await kept('returned');
    const environment = withApproval(spec, MALLORYS).environments[1];
    if (environment === undefined) throw new Error('the spec has a production');
    const back = { app: 'returned', environment, notify: [], to: null, requester: 'mallory', reason: null };
    const running = await bench.rollback(back);
    expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'NothingToReturnTo' });
    expect((await running.status()).weaker).toMatchObject([expect.stringContaining('weaker approval of production')]);
  },
  LIMIT_MS,
);

test(
  'another repository with the same name of an application is refused before anything of it runs',
  async () => {
    const spec = await kept('named');
    const elsewhere = shopFolder();
    const result = await outcomeOf(spec, elsewhere);
    expect(result).toMatchObject({ outcome: 'rejected', failure: 'PolicyRefused' });
    expect(result.reason).toContain(`the name named belongs to another repository: ${goodFolder()}, since `);
    expect(result.reason).toContain(`this is ${elsewhere}. Give this application another name`);
  },
  LIMIT_MS,
);

test(
  'a clone of the same remote in another folder is the same application, and another remote is not',
  async () => {
    const spec = await shopNamed('cloned');
    await firstUse('cloned', spec, { remote: 'git.example.com/acme/shop', path: '', folder: '/ci/1' });
    const planned = (remote: string): Promise<unknown> => {
      const folder = shopFolder();
      execFileSync('git', ['init', '--quiet', folder]);
      execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', remote]);
      const args = [request(spec, { directory: folder })];
      return bench.client.workflow.execute('plan', { args, taskQueue: bench.queue, workflowId: `plan/${folder}` });
    };
    expect(await planned('git@git.example.com:acme/shop.git')).toMatchObject({ app: 'cloned' });
    const foreign = planned('https://git.example.com/mallory/shop.git');
    await expect(foreign).rejects.toMatchObject({ cause: { type: 'PolicyRefused' } });
  },
  LIMIT_MS,
);

test(
  'an address that another application keeps cannot be taken, also while nobody listens there',
  async () => {
    const spec = await kept('victim');
    const listen = spec.environments[1]?.traffic.listen ?? { host: '127.0.0.1', port: 1 };
    const thief = await shopNamed('thief', (environment) =>
      environment.name === 'staging'
        ? { ...environment, traffic: { ...environment.traffic, listen: { ...listen, host: '0.0.0.0' } } }
        : environment,
    );
    const result = await outcomeOf(thief, shopFolder());
    expect(result).toMatchObject({ outcome: 'rejected', failure: 'PolicyRefused' });
    expect(result.reason).toContain(
      `staging of thief wants 0.0.0.0:${listen.port}, which is kept by production of victim (127.0.0.1:${listen.port})`,
    );
  },
  LIMIT_MS,
);

const changePolicy = async (app: string, by: string, change: Change): Promise<Running> => {
  const options = { taskQueue: bench.queue, workflowId: policyId(app), args: [{ app, by, change }] };
  return follow(await bench.client.workflow.start('policy', options));
};

test(
  'a weaker policy counts when the people of the old one have said yes to it, and a stronger one at once',
  async () => {
    await kept('changed');
    const production = { kind: 'approval', environment: 'production' } as const;
    const weaker = await changePolicy('changed', 'mallory', { ...production, to: { ...MALLORYS, from: [] } });
    const waiting = await weaker.until(({ waitingFor }) => waitingFor !== null);
    expect(waiting).toMatchObject({
      waitingFor: {
        from: ['ana', 'bo'],
        answer: expect.stringMatching(/^mvca approve changed --policy --digest sha256:/),
      },
      warnings: [
        'this changes the policy: approval of production: 1 of anybody (before: 1 of ana, bo, not by the requester)',
      ],
    });
    await approveAs(weaker, 'mallory');
    await weaker.until(({ messages }) => messages.some(({ accepted }) => !accepted));
    await weaker.handle.signal('reject', { by: 'bo', reason: 'no' });
    expect(await weaker.result()).toMatchObject({ changed: false });

    const stronger = await changePolicy('changed', 'mallory', { ...production, to: { needs: 2 } });
    expect(await stronger.result()).toMatchObject({ changed: true });
    const asked = await changePolicy('changed', 'cy', { ...production, to: { from: ['ana', 'bo', 'cy'], needs: 1 } });
    await approveAs(asked, 'ana');
    await approveAs(asked, 'bo');
    expect(await asked.result()).toMatchObject({ changed: true });
    const actions = (await audited(bench, 'changed')).map(({ action, actor }) => `${action} ${actor}`);
    expect(actions.filter((action) => action.startsWith('policy.'))).toEqual([
      'policy.asked mallory',
      'policy.changed mallory',
      'policy.asked cy',
      'policy.changed cy',
    ]);
  },
  LIMIT_MS,
);

test(
  'a moved repository, and an address that is let go of, wait for the people of the old policy too',
  async () => {
    await kept('moved');
    const to = { remote: null, path: '', folder: '/home/mallory/moved' };
    for (const change of [
      { kind: 'repository', to },
      { kind: 'listen', environment: 'production', to: { host: '127.0.0.1', port: 1 } },
    ] as const) {
      const asked = await changePolicy('moved', 'mallory', change);
      await asked.until(({ waitingFor }) => waitingFor?.kind === 'approval');
      await approveAs(asked, 'ana');
      expect(await asked.result()).toMatchObject({ changed: true });
    }
    const policy = await bench.client.workflow.execute('inspect', {
      taskQueue: bench.queue,
      workflowId: 'inspect/moved',
      args: [{ kind: 'policy', app: 'moved' }],
    });
    expect(policy).toMatchObject({ repository: to });
    expect(policy).toMatchObject({
      environments: [{ environment: 'staging' }, { addresses: [{ host: '127.0.0.1', port: 1 }] }],
    });
  },
  LIMIT_MS,
);

test('of two first uses at once one owns the name, and the other is refused', async () => {
  const asked = [recordsOf(), recordsOf()].map((worker, index) =>
    worker.keepPolicy({
      app: 'both',
      repository: { remote: null, path: '', folder: `/srv/${index}` },
      claims: [{ environment: 'production', approval: null, addresses: [] }],
      by: 'ana',
      at: AT,
      run: `run-${index}`,
      records: true,
    }),
  );
  const answers = await Promise.all(asked);
  expect(answers.map(({ kind }) => kind).sort()).toEqual(['admitted', 'refused']);
});

test(
  'whoever works alone says yes to their own deployments from the next one on, until somebody else is heard',
  async () => {
    const fourEyes = approved(await shopNamed('alone'), { from: [] });
    const first = await bench.start(request(fourEyes, { directory: goodFolder() }));
    await approveAs(first, 'ana');
    const { messages } = await first.until(({ messages: all }) => all.length > 0);
    expect(messages[0]?.reason).toContain('`approval: { requester: may }`');
    await first.handle.signal('abort', { by: 'ana', reason: 'I am alone' });
    await first.result();
    const own = withApproval(fourEyes, { requester: 'may' });
    const second = await bench.start(request(own, { directory: goodFolder() }));
    await approveAs(second, 'ana');
    expect((await second.result()).outcome).toBe('succeeded');
    expect((await second.status()).weaker).toBeUndefined();
    expect(await audited(bench, 'alone')).toContainEqual({
      action: 'policy.recorded',
      actor: 'ana',
      summary: 'approval of production: 1 of anybody',
    });
  },
  LIMIT_MS,
);

test(
  'the own yes of one person does not count any more once another one was heard, also where theirs was refused',
  async () => {
    const fourEyes = approved(await shopNamed('not-alone'), { from: [] });
    const first = await bench.start(request(fourEyes, { directory: goodFolder() }));
    await first.until(({ waitingFor }) => waitingFor?.kind === 'approval');
    await first.handle.signal(approve, { by: 'bo', digest: 'sha256:other' });
    await first.until(({ messages }) => messages.length > 0);
    await first.handle.signal('abort', { by: 'ana', reason: 'again' });
    await first.result();
    const second = await bench.start(
      request(withApproval(fourEyes, { requester: 'may' }), { directory: goodFolder() }),
    );
    await approveAs(second, 'ana');
    const { messages, weaker } = await second.until(({ messages: all }) => all.length > 0);
    expect(messages[0]?.accepted).toBe(false);
    expect(weaker).toMatchObject([expect.stringContaining('`requester: may` instead of may-not')]);
    await second.handle.signal('abort', { by: 'ana', reason: 'enough' });
    await second.result();
  },
  LIMIT_MS,
);
