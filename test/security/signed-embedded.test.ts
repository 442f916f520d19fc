/** Whose word counts on the engine of `mvca up`, behind its gate, as root and as an ordinary account: what is sent without the CLI counts signed only, and once. */
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { connectTemporal } from '../../client/temporal-connection';
import type { DeploymentStatus, MessageView } from '../../domain/deployment';
import type { Engine } from '../../embedded';
import { findTemporalCli } from '../../embedded/temporal-cli';
import { homeAt } from '../../system/home';
import { isRoot, NOBODY, runAs } from '../support/accounts';
import { mvca, type Ran } from '../support/mvca';
import { freePort } from '../support/ports';
import { hasSshKeygen, makeKey } from '../support/ssh';

jest.setTimeout(720_000);
const withSsh = hasSshKeygen ? describe : describe.skip;
if (!hasSshKeygen) test.skip('not tried: there is no ssh-keygen', () => undefined);

const workerMain = path.join(__dirname, '../../dist/worker/main.js');
const accounts: readonly (readonly [string, number | null])[] = isRoot
  ? [
      ['root', null],
      ['nobody', NOBODY],
    ]
  : [['this account', null]];

withSsh.each(accounts)('As %s', (_name, account) => {
  let folder: string;
  let engine: Engine;
  let client: Client;
  const file = (name: string): string => path.join(folder, name);
  const own = (...names: readonly string[]): void => {
    if (account !== null) for (const name of names) chownSync(file(name), account, account);
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'mvca-signed-'));
    chmodSync(folder, 0o755);
    copyFileSync((await findTemporalCli(homeAt(file('tools')), () => undefined)).path, file('temporal'));
    chmodSync(file('temporal'), 0o755);
    for (const name of ['ana', 'bo', 'cy', 'stranger']) {
      makeKey(folder, name);
      own(name, `${name}.pub`);
    }
    mkdirSync(file('shop'));
    writeFileSync(file('shop/server.js'), 'setInterval(() => {}, 1000);');
    writeFileSync(file('shop/deployment.yaml'), await specText());
    own('shop', 'shop/server.js', 'shop/deployment.yaml', '.');
    engine = await runAs<Engine>(account, 'run-up.js', ['up', file('home'), workerMain], env());
    const { address, keys } = engine.temporal;
    const tls = {
      serverNameOverride: 'localhost',
      serverRootCACertificate: readFileSync(keys.authority),
      clientCertPair: { crt: readFileSync(keys.certificate), key: readFileSync(keys.key) },
    };
    client = new Client({ connection: await connectTemporal({ address, tls }) });
  });
  afterAll(async () => {
    await client?.connection.close();
    await runAs(account, 'run-up.js', ['down', file('home'), workerMain], env());
    rmSync(folder, { recursive: true, force: true });
  });

  const specText = async (): Promise<string> =>
    [
      'app: shop',
      'environments:',
      '  production:',
      '    platform: { kind: process, start: node server.js, instances: 1 }',
      `    traffic: { kind: router, listen: 127.0.0.1:${await freePort()} }`,
      '    approval: { from: [bo, cy], needs: 2, requester: may-not }',
      '',
    ].join('\n');
  const env = (): Record<string, string> => ({ TEMPORAL_CLI_PATH: file('temporal') });
  const run = (...args: readonly string[]): Promise<Ran> =>
    mvca(args, { cwd: file('shop'), account, env: { ...env(), MVCA_HOME: file('home'), HOME: file('shop') } });

  const handle = () => client.workflow.getHandle('deploy/shop');
  const status = (): Promise<DeploymentStatus> => handle().query<DeploymentStatus>('status');
  async function until(isSo: (now: DeploymentStatus) => boolean): Promise<DeploymentStatus> {
    for (const deadline = Date.now() + 120_000; ; await sleep(100)) {
      const now = await status();
      if (isSo(now)) return now;
      if (Date.now() > deadline) throw new Error(`never so: ${JSON.stringify(now)}`);
    }
  }
  /** As `temporal workflow signal` sends it. */
  async function send(name: string, message: object): Promise<MessageView> {
    const id = randomUUID();
    await handle().signal(name, { ...message, id });
    const { messages } = await until((now) => now.messages.some((each) => each.id === id));
    return messages.find((each) => each.id === id) as MessageView;
  }
  async function deployed(version: string): Promise<DeploymentStatus> {
    const said = await run('deploy', '--detach', '--version', version, '--as', 'ana', '--key', file('ana'));
    expect(said).toMatchObject({ code: 0 });
    return until(({ waitingFor, outcome }) => waitingFor?.kind === 'approval' || outcome !== null);
  }
  const printed = async (by: string, key = by): Promise<object> =>
    JSON.parse((await run('approve', 'shop', '--as', by, '--key', file(key), '--print')).out) as object;

  test('a raw signal counts for nothing, the line that is pasted counts once, and in its own run', async () => {
    for (const name of ['ana', 'bo', 'cy'])
      expect(await run('identity', 'add', name, file(`${name}.pub`))).toMatchObject({ code: 0 });
    const { waitingFor } = await deployed('1.0.0');
    const digest = waitingFor?.digest;
    expect(waitingFor).toMatchObject({ kind: 'approval', given: 0 });
    expect(await send('approve', { by: 'bo', digest })).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('bo did not sign it'),
    });
    const pasted = await printed('bo');
    expect(await send('approve', pasted)).toMatchObject({ accepted: true, reason: '1 of 2' });
    expect(await send('approve', pasted)).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('has counted already'),
    });
    expect(await send('abort', { ...pasted, reason: 'x' })).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('not over this message'),
    });
    expect(await run('abort', 'shop', '--reason', 'once more', '--as', 'ana', '--key', file('ana'))).toMatchObject({
      code: 0,
    });
    await until(({ outcome }) => outcome === 'rejected');

    await deployed('1.0.1');
    expect(await send('approve', pasted)).toMatchObject({ accepted: false });
    expect((await status()).waitingFor).toMatchObject({ given: 0 });
    expect(await send('abort', { by: 'nobody in particular', reason: 'seen enough' })).toMatchObject({
      accepted: true,
      reason: expect.stringContaining('unsigned: the name is a claim'),
    });
    await until(({ outcome }) => outcome === 'rejected');
    expect(await run('audit', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\d+ signatures verified/),
    });
  });
});
