/** Another account has the port of a release's instance: it must neither pass the release's checks nor read what they send. */
import { createCheckOf, createReleaseGates, awaitHealthy } from '../../activities/gates';
import { createProcessPlatform } from '../../activities/platforms/process';
import type { SmokeCheck } from '../../domain/spec/spec';
import type { Address } from '../../domain/words';
import { releaseViews } from '../../client/standing';
import { createConnectTo, type ConnectTo } from '../../system/release-connect';
import { makePlace, until, type Place } from '../host/place';
import { builderAt } from '../support/builder';
import { failureOf, inActivity } from '../support/in-activity';
import { whyNoOtherAccount, type OtherAccount } from '../support/other-account';
import { freePort } from '../support/ports';
import { stealPort } from '../support/port-thief';
import { removeScratch, scratch, writeFiles } from '../support/scratch';
import { knowing } from '../support/secrets';
import { environmentSpec } from '../support/specs';

const why = whyNoOtherAccount();
const asOther = why === null ? describe : describe.skip;
if (why !== null) test.skip(`not tried: ${why}`, () => undefined);

/** Ends by itself where the port is taken, as most applications do. */
const APP = `require('node:http').createServer((_, response) => response.end('good')).listen(process.env.PORT, '127.0.0.1');`;
const TOKEN = 'token-planted-77d1c0';
/** An application's own test: it logs in, and would believe whoever answers. */
const TEST = `fetch(process.env.BASE_URL + '/login', { headers: { authorization: '${TOKEN}' } })
  .then((answer) => process.exit(answer.ok ? 0 : 1), (error) => { console.error('Error: ' + error.cause?.code); process.exit(1); });`;
const RELEASE = { app: 'shop', environment: 'staging', release: 'r1' };
const get: SmokeCheck = {
  kind: 'get',
  path: '/',
  timeoutMs: 5_000,
  status: [200],
  contains: null,
  type: null,
  header: {},
};

asOther('A port that another account took before the instance could listen', () => {
  let place: Place;
  let thief: OtherAccount;
  let address: Address;
  let connectTo: ConnectTo;
  beforeAll(async () => {
    place = await makePlace();
    connectTo = createConnectTo(place.home);
    address = { host: '127.0.0.1', port: await freePort() };
    thief = stealPort(address.port);
    await until('the thief has the port', () => thief.lines().includes('listening'));
    const release = await place.release('r1', APP, { port: { fixed: address.port } });
    await release.start();
    await until('the runner knows the thief', async () => (await release.state()).instances[0]?.heldBy);
  });
  afterAll(async () => {
    await thief.end();
    await place.remove();
    removeScratch();
  });
  afterEach(() => expect(thief.lines()).toEqual(['listening']));

  test('makes no bad release healthy, and the failure names who holds it', async () => {
    const platform = createProcessPlatform(place.home);
    const failure = await failureOf(
      awaitHealthy({
        addresses: [address],
        check: createCheckOf(connectTo)(RELEASE),
        health: { ...environmentSpec().health, everyMs: 50, timeoutMs: 2_000, startMs: 60_000 },
        signal: new AbortController().signal,
        release: async () => (await platform.status('shop', 'staging'))[0] ?? null,
        lastLines: () => Promise.resolve([]),
        tell: () => undefined,
      }),
    );
    expect(failure).toMatchObject({ type: 'StartFailed', final: true });
    expect(failure.message).toContain(`port ${address.port} of instance 0 is held by a process of nobody (uid 65534)`);
  });

  test('answers no check of health, smoke or watch', async () => {
    const { timeoutMs } = get;
    const result = await createCheckOf(connectTo)(RELEASE)(address, { ...get, timeoutMs });
    expect(result).toMatchObject({ passed: false, status: null, code: 'EFOREIGN' });
    expect(result.seen).toMatch(/^was not asked: port \d+ is held by a process of nobody/);
  });

  test('reads nothing of what smoke and integration tests send, which fail and say why', async () => {
    const builder = builderAt();
    const folder = scratch();
    writeFiles(folder, { 'login.js': TEST, 'a.js': '' });
    const source = await builder.request(folder);
    const gates = createReleaseGates({ workshop: builder.workshop, connectTo, secrets: knowing(() => 'x') });
    const command = ['node', 'login.js'];
    const ask = (smoke: SmokeCheck[]) => ({
      app: 'shop',
      environment: environmentSpec({ name: 'staging', smoke, integration: [command] }),
      release: 'r1',
      addresses: [address],
      source,
    });
    const run: SmokeCheck = { kind: 'run', command, timeoutMs: 20_000 };
    for (const smoke of [[get], [run]]) {
      const result = await inActivity(() => gates.smokeRelease(ask(smoke)));
      expect(result.verdict).toBe('refused');
      expect(result.findings[0]?.message).toContain('is held by a process of nobody');
    }
    const tests = await inActivity(() => gates.integrateRelease(ask([])));
    expect(tests.verdict).toBe('refused');
    expect(tests.findings.at(-1)?.message).toContain('the tests did not reach the release');
  });

  test('is shown by status, with who holds it', async () => {
    const releases = await createProcessPlatform(place.home).status('shop', 'staging');
    const [view] = releaseViews({ environment: 'staging', releases, weights: {}, measured: {} });
    expect(view?.problem).toBe(
      `port ${address.port} of instance 0 is held by a process of nobody (uid 65534); end that process`,
    );
  });
});
