/**
 * Whose word counts, attacked as whoever may speak with the engine can attack: names that are claims, signatures of another run, digest,
 * meaning or time, keys that were taken away. On a real Temporal with real PostgreSQL and real keys of OpenSSH.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { rowsAfter } from '../../activities/records/audit/verify';
import { connect, createDeployments, readConfig } from '../../client';
import { statementText, type Statement } from '../../domain/identity/statement';
import type { MessageView } from '../../domain/deployment';
import type { AuditRow, AuditVerification } from '../../domain/records';
import { BEGINNING, hashOf } from '../../system/audit/chain';
import { oneLine } from '../../system/ssh/sshsig';
import { createBench, follow, quickEnvironment, request, type Bench, type Running } from '../support/deploying';
import { mvca, type Ran } from '../support/mvca';
import { approved, audited, goodFolder, shopNamed } from '../support/scenario';
import { removeScratch, scratch } from '../support/scratch';
import { hasSshKeygen, makeKey, signWith, type KeyFile } from '../support/ssh';

jest.setTimeout(720_000);
const withSsh = hasSshKeygen ? test : test.skip;
if (!hasSshKeygen) test.skip('not tried: there is no ssh-keygen', () => undefined);

const APP = 'signed';
let bench: Bench;
const folder = scratch();
const anchorFile = path.join(folder, 'anchor');
const keys: Record<string, KeyFile> = {};
const keyOf = (name: string): KeyFile => (keys[name] ??= makeKey(folder, name));

beforeAll(async () => {
  bench = await createBench({ anchor: anchorFile });
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const env = (home = bench.home.root): Record<string, string> => ({
  TEMPORAL_ADDRESS: bench.address,
  TEMPORAL_NAMESPACE: bench.namespace,
  MVCA_TASK_QUEUE: bench.queue,
  MVCA_HOME: home,
});

const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  mvca(args, { cwd: folder, env: { ...env(), ...more } });

/** One environment, with an approval by two of three. */
async function spec(app = APP): ReturnType<typeof shopNamed> {
  const shop = await shopNamed(app);
  const production = await quickEnvironment('production');
  return approved({ ...shop, environments: [production] }, { from: ['bo', 'cy', 'mallory'], needs: 2 });
}

const waiting = (running: Running) =>
  running.until(({ waitingFor, outcome }) => waitingFor !== null || outcome !== null);

/** Sent as the Web UI or `temporal workflow signal` would. */
async function send(running: Running, name: string, message: object): Promise<MessageView> {
  const id = randomUUID();
  await running.handle.signal(name, { ...message, id });
  const { messages } = await running.until(({ messages: all }) => all.some((each) => each.id === id));
  const answer = messages.find((each) => each.id === id);
  if (answer === undefined) throw new Error('it was there a moment ago');
  return answer;
}

interface Forged {
  readonly change?: Partial<Statement>;
  readonly key?: string;
  readonly namespace?: string;
}

/** An approval of bo's that is right in all but what is changed in what was signed. */
async function forged(running: Running, { change = {}, key = 'bo', namespace = 'mvca-approval' }: Forged = {}) {
  const { waitingFor, deployment, run: id } = await running.status();
  const digest = waitingFor?.digest ?? '';
  const [nonce, expires] = [randomUUID(), change.expires ?? inMinutes(5)];
  const statement: Statement = {
    ...{ person: 'bo', application: APP, deployment, run: id, meaning: 'approve', digest, finding: null },
    ...{ reason: null, expires, nonce, ...change },
  };
  const signature = oneLine(signWith(keyOf(key).file, statementText(statement), namespace));
  return { by: 'bo', digest, expires, nonce, signature };
}

const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

withSsh('where nobody has an identity a name counts as before, and every output says that it is a claim', async () => {
  const running = await bench.start(request(await spec('claimed'), { directory: goodFolder(), requester: 'ana' }));
  await waiting(running);
  const said = await run(['approve', 'claimed', '--as', 'bo']);
  expect(said).toMatchObject({ code: 0, out: expect.stringContaining('approval by bo accepted: 1 of 2') });
  expect(said.err).toContain('names are claims: no identity is kept');
  expect((await running.status()).names).toBe('claims');
  expect((await run(['status', 'claimed'])).out).toContain('names are claims');
  expect((await run(['abort', 'claimed', '--reason', 'seen enough'])).code).toBe(0);
  await running.result();
});

withSsh('keys are added from the home of the engine, and from no other', async () => {
  const add = (name: string, more = {}): Promise<Ran> =>
    run(['identity', 'add', name, `${keyOf(name).file}.pub`], more);
  const elsewhere = await add('mallory', { MVCA_HOME: scratch() });
  expect(elsewhere).toMatchObject({ code: 2, err: expect.stringContaining('is not the one of the engine') });
  for (const name of ['ana', 'bo', 'cy', 'mallory']) expect(await add(name)).toMatchObject({ code: 0 });
  const asBo = [
    'identity',
    'add',
    'bo',
    `${keyOf('mallory2').file}.pub`,
    '--as',
    'mallory',
    '--sign-with',
    keyOf('mallory').file,
  ];
  expect(await run(asBo, { MVCA_HOME: scratch() })).toMatchObject({
    code: 2,
    err: expect.stringContaining('mallory cannot sign for keys of bo'),
  });
  const twice = await run(['identity', 'add', 'cy', `${keyOf('bo').file}.pub`]);
  expect(twice).toMatchObject({ code: 2, err: expect.stringContaining("is bo's already") });
  const listed = JSON.parse((await run(['identity', 'list', '--json'])).out) as { person: string }[];
  expect(listed.map(({ person }) => person)).toEqual(['ana', 'bo', 'cy', 'mallory']);
});

withSsh('who asks in the name of another is refused before anything of it runs', async () => {
  const unsigned = await bench.start(request(await spec(), { directory: goodFolder(), requester: 'ana' }));
  expect(await unsigned.result()).toMatchObject({ outcome: 'rejected', failure: 'UnprovenRequester' });
  const { reason, steps } = await unsigned.status();
  expect(reason).toContain('ana did not sign it');
  expect(steps).toEqual([]);
});

/** Starts it as the command line would, with the requester's key. */
async function deployed(version: string): Promise<Running> {
  const before = { ...process.env };
  Object.assign(process.env, env());
  const connection = await connect({ config: readConfig(process.env), key: keyOf('ana').file });
  process.env = before;
  const started = await createDeployments(connection).start({
    ...{ spec: await spec(), directory: goodFolder(), version, dirty: true, requester: 'ana' },
  });
  await connection.close();
  const running = follow(bench.client.workflow.getHandle(started.id, started.run));
  await waiting(running);
  return running;
}

let accepted: Awaited<ReturnType<typeof forged>>;

withSsh(
  'a signature counts once, for its person, run, digest, meaning and time, and a name alone for nothing',
  async () => {
    const running = await deployed('1.0.0');
    const { waitingFor } = await running.status();
    const digest = waitingFor?.digest ?? '';
    const attacks: readonly (readonly [object, RegExp])[] = [
      [{ by: 'bo', digest }, /^bo did not sign it, .*mvca approve signed --as bo/],
      [{ by: 'bo', digest, signature: 'AAAA' }, /cannot be read/],
      [await forged(running, { key: 'mallory' }), /is mallory's and not bo's/],
      [await forged(running, { key: 'stranger' }), /is nobody's/],
      [await forged(running, { namespace: 'file' }), /was made for `file`/],
      [await forged(running, { change: { run: randomUUID() } }), /not over this message/],
      [await forged(running, { change: { application: 'other' } }), /not over this message/],
      [await forged(running, { change: { digest: 'sha256:other' } }), /not over this message/],
      [await forged(running, { change: { meaning: 'pause' } }), /not over this message/],
      [await forged(running, { change: { person: 'cy' } }), /not over this message/],
      [{ ...(await forged(running)), reason: 'added' }, /not over this message/],
      [await forged(running, { change: { expires: inMinutes(-1) } }), /which is over; sign again/],
      [await forged(running, { change: { expires: inMinutes(60 * 48) } }), /at most 26 hours/],
    ];
    for (const [message, reason] of attacks) {
      expect(await send(running, 'approve', message)).toMatchObject({
        accepted: false,
        reason: expect.stringMatching(reason),
      });
    }
    for (const [name, message] of [
      ['waive', { by: 'bo', reason: 'x' }],
      ['promote', { by: 'bo', reason: 'x' }],
      ['resume', { by: 'bo' }],
    ] as const) {
      expect(await send(running, name, message)).toMatchObject({
        accepted: false,
        reason: expect.stringContaining('did not sign it'),
      });
    }
    for (const meaning of ['abort', 'reject', 'pause', 'supersede'] as const) {
      const signed = await forged(running, { key: 'mallory', change: { meaning, digest: null, reason: 'x' } });
      const { digest: _none, ...stop } = signed;
      expect(await send(running, meaning, { ...stop, reason: 'x' })).toMatchObject({
        accepted: false,
        reason: expect.stringMatching(/is mallory's and not bo's.*leave the signature out/),
      });
    }
    accepted = await forged(running);
    expect(await send(running, 'approve', accepted)).toMatchObject({ accepted: true, reason: '1 of 2' });
    expect(await send(running, 'approve', accepted)).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('has counted already'),
    });
    expect((await running.status()).outcome).toBeNull();
    await byAgent(running);
    expect((await running.result()).outcome).toBe('succeeded');
  },
);

/** cy's private key is in an agent alone. */
async function byAgent(running: Running): Promise<void> {
  const socket = path.join(scratch(), 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(agent.stdout, 'data');
  try {
    execFileSync('ssh-add', ['-q', keyOf('cy').file], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    });
    const said = await run(['approve', APP, '--as', 'cy'], { SSH_AUTH_SOCK: socket, HOME: scratch() });
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('approval by cy accepted: 2 of 2') });
    const { messages } = await running.status();
    expect(messages.at(-1)?.key).toMatch(/^SHA256:/);
  } finally {
    agent.kill();
    await once(agent, 'exit');
  }
}

withSsh(
  'an approval of one run never counts in another, and a key that is taken away meanwhile is asked for again',
  async () => {
    const next = await deployed('1.2.0');
    expect(await send(next, 'approve', accepted)).toMatchObject({ accepted: false });
    const pasted = JSON.parse(
      (await run(['approve', APP, '--as', 'bo', '--key', keyOf('bo').file, '--print'])).out,
    ) as object;
    expect(await send(next, 'approve', pasted)).toMatchObject({ accepted: true, reason: '1 of 2' });
    expect((await run(['identity', 'remove', 'bo', '--reason', 'laptop lost'])).code).toBe(0);
    expect((await run(['approve', APP, '--as', 'cy', '--key', keyOf('cy').file])).out).toContain('2 of 2');
    const again = await next.until(
      ({ warnings, waitingFor }) => waitingFor !== null && warnings.some((said) => said.includes('counts no more')),
    );
    expect(again.waitingFor).toMatchObject({ kind: 'approval', given: 0 });
    expect(again.warnings.join('\n')).toContain('the approval counts no more');
    expect(await send(next, 'approve', await forged(next))).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('laptop lost'),
    });
    // Anybody may stop it, and it is said that nobody knows who.
    expect(await send(next, 'abort', { by: 'cy', reason: 'seen' })).toMatchObject({
      accepted: true,
      reason: expect.stringContaining('unsigned: the name is a claim'),
    });
    expect((await next.result()).outcome).toBe('rejected');
    const rows = await audited(bench, APP);
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['deploy.signed', 'approve.accepted', 'approve.void']),
    );
  },
);

withSsh('whoever takes a release away signs it, and it stands in the log', async () => {
  const { releases } = JSON.parse((await run(['status', APP, '--json'])).out) as { releases: { release: string }[] };
  const release = releases[0]?.release ?? '';
  const [production] = (await spec()).environments;
  const asked = { app: APP, environment: production, release, serving: 'stop', by: 'cy' };
  const raw = bench.client.workflow.execute('retire', {
    args: [asked],
    taskQueue: bench.queue,
    workflowId: `retire/${APP}/production/${release}`,
  });
  await expect(raw).rejects.toMatchObject({ cause: { message: expect.stringContaining('cy did not sign it') } });
  const signed = await run(['retire', APP, release, '--serving', '--as', 'cy', '--key', keyOf('cy').file]);
  expect(signed).toMatchObject({ code: 0, out: expect.stringContaining('is stopped') });
  expect((await audited(bench, APP)).map(({ action, actor }) => `${action} ${actor}`)).toEqual(
    expect.arrayContaining(['retire.signed cy', 'retire.done cy']),
  );
});

withSsh('whoever ends a freeze lets deployments go on, and signs it', async () => {
  expect((await run(['freeze', 'elsewhere', '--for', '1h', '--reason', 'the sale'])).code).toBe(0);
  const keyless = await run(['unfreeze', 'elsewhere', '--as', 'cy'], { HOME: scratch() });
  expect(keyless).toMatchObject({ code: 2, err: expect.stringContaining('no key of cy was found') });
  const forgedEnd = bench.client.workflow.execute('freeze', {
    args: [{ kind: 'unfreeze', app: 'elsewhere', id: null, by: 'cy', reason: null }],
    taskQueue: bench.queue,
    workflowId: `freeze/elsewhere/${randomUUID()}`,
  });
  await expect(forgedEnd).rejects.toMatchObject({
    cause: { cause: { message: expect.stringContaining('cy did not sign it') } },
  });
  const signed = await run(['unfreeze', 'elsewhere', '--as', 'cy', '--key', keyOf('cy').file]);
  expect(signed).toMatchObject({ code: 0, out: expect.stringContaining('1 freeze of elsewhere ended') });
});

/** As the owner of the database may: without its triggers, and with every hash made anew. */
async function rewritten(change: (row: AuditRow) => AuditRow | null): Promise<void> {
  const client = new Client({ ...bench.database.address });
  await client.connect();
  try {
    await client.query('alter table mvca.audit disable trigger user; alter table mvca.audit_head disable trigger user');
    const rows = await rowsAfter(client, 0, 100_000);
    await client.query('delete from mvca.audit');
    let last = { row: 0, hash: BEGINNING };
    for (const each of rows) {
      const changed = change(each);
      if (changed === null) continue;
      const { hash: _old, ...content } = { ...changed, row: last.row + 1, previous: last.hash };
      last = { row: content.row, hash: hashOf(content) };
      const { app, deployment, run: id, sequence, at, actor, action, environment, summary, facts, previous } = content;
      await client.query('insert into mvca.audit values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)', [
        ...[
          last.row,
          app,
          deployment,
          id,
          sequence,
          at,
          actor,
          action,
          environment,
          summary,
          facts,
          previous,
          last.hash,
        ],
      ]);
    }
    await client.query('update mvca.audit_head set rows = $1, hash = $2', [last.row, last.hash]);
  } finally {
    await client.end();
  }
}

const verifiedAs = async (...args: string[]): Promise<AuditVerification> =>
  JSON.parse((await run(['audit', 'verify', '--json', ...args])).out) as AuditVerification;

withSsh('the signatures in the audit log are verified, with the engine and without it', async () => {
  const whole = await verifiedAs('--anchor', anchorFile);
  expect(whole).toMatchObject({ ok: true, firstBad: null, gone: [] });
  expect(whole.signatures).toBeGreaterThanOrEqual(5);
  expect(whole.compared).toBeGreaterThanOrEqual(4);
  const file = path.join(folder, 'audit.json');
  writeFileSync(file, (await run(['audit', 'export'])).out);
  const offline = { TEMPORAL_ADDRESS: '127.0.0.1:1', MVCA_HOME: scratch() };
  const alone = await run(['audit', 'verify', '--file', file, '--anchor', anchorFile], offline);
  expect(alone).toMatchObject({ code: 0, out: expect.stringContaining(`${whole.signatures} signatures verified`) });
  const signers = path.join(folder, 'allowed_signers');
  const trusting = (...names: string[]): Promise<Ran> => {
    writeFileSync(
      signers,
      names.map((name) => `${name} namespaces="mvca-approval" ${keyOf(name).publicLine}`).join(''),
    );
    return run(['audit', 'verify', '--file', file, '--signers', signers], offline);
  };
  expect((await trusting('ana', 'bo', 'cy')).code).toBe(0);
  expect(await trusting('ana', 'cy')).toMatchObject({ code: 1, out: expect.stringContaining('not among the signers') });
});

const isApproval = ({ action, facts }: AuditRow): boolean => action === 'approve.accepted' && 'signature' in facts;
const TAMPERED: readonly (readonly [string, (row: AuditRow) => AuditRow, RegExp])[] = [
  ['another person', (row) => ({ ...row, actor: 'mallory' }), /its person is bo, and the row says mallory/],
  ['another run', (row) => ({ ...row, run: 'other' }), /its run is/],
  ['another key', (row) => ({ ...row, facts: { ...row.facts, signature: 'AAAA' } }), /signature of row \d+ is bad/],
  [
    'no signature',
    (row) => ({ ...row, facts: { reason: '' } }),
    /approve\.accepted by bo carries no signature, although people have identities/,
  ],
];

withSsh.each(TAMPERED)(
  'an approval that is written anew with %s and all hashes is seen',
  async (_what, change, why) => {
    const before: AuditRow[] = [];
    await rewritten((row) => {
      before.push(row);
      return row;
    });
    // The last: the first may have come so soon after the first identity that a claim would have been in order.
    const target = before.findLast((row) => row.actor === 'bo' && isApproval(row));
    await rewritten((row) => (row.row === target?.row ? change(row) : row));
    const found = await verifiedAs();
    await rewritten((row) => before.find((each) => each.row === row.row) ?? null);
    expect(target).toBeDefined();
    expect(found).toMatchObject({ ok: false, firstBad: { why: expect.stringMatching(why) } });
    expect(await verifiedAs()).toMatchObject({ ok: true });
  },
);

withSsh(
  'a log that is cut together with all reports is seen by its anchor, and reports that are gone are said',
  async () => {
    renameSync(bench.home.reports, path.join(folder, 'reports'));
    const gone = await run(['audit', 'verify']);
    expect(gone).toMatchObject({ code: 1, out: expect.stringContaining('a report is gone: ') });
    await rewritten((row) => (row.row > 3 ? null : row));
    expect((await verifiedAs()).firstBad).toBeNull();
    const found = await verifiedAs('--anchor', anchorFile);
    expect(found).toMatchObject({
      ok: false,
      firstBad: { row: 4, why: expect.stringContaining(`${anchorFile}, line `) },
    });
  },
);
