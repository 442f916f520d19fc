/** Another account takes the port of an instance that is away, and waits for what users send. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { answerAdmin } from '../../host/router/admin';
import { Router } from '../../host/router/router';
import { writeJson } from '../../system/durable-file';
import { routerFolder } from '../../system/home';
import { httpGet } from '../../system/http-get';
import { emptyTable, fetchFrom, type Answer } from '../host/router/routed';
import { logText, makePlace, until, type Place, type TestRelease } from '../host/place';
import { whyNoOtherAccount, type OtherAccount } from '../support/other-account';
import { stealPort } from '../support/port-thief';

/** Says what cookie it got. */
const APP = `
  require('node:http').createServer((request, response) => response.end('good ' + (request.headers.cookie ?? '')))
    .listen(process.env.PORT, process.env.ON);`;

const COOKIE = 'session=planted-2f9a41c07d';

const why = whyNoOtherAccount();
const asOther = why === null ? test : test.skip;
if (why !== null) test.skip(`not tried: ${why}`, () => undefined);

let place: Place;
let router: Router | null = null;
let attacker: OtherAccount | null = null;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(async () => {
  await attacker?.end();
  await router?.close(0);
  [attacker, router] = [null, null];
  await place.remove();
});

interface Stage {
  readonly release: TestRelease;
  readonly port: number;
  ask(request?: { method?: string; headers?: Record<string, string> }): Promise<Answer>;
}

/** A release behind a router, both of this home. */
async function serve(on: string): Promise<Stage> {
  // As `npm start` would: the listener is a child of a shell.
  const changes = { variables: { ON: on }, start: ['sh', '-c', 'node app.js; exit $?'] };
  const release = await place.release('r1', APP, changes);
  await release.start();
  const running = async () => (await release.state()).instances[0]?.state === 'running';
  await until('the instance listens', running);
  const port = (await release.state()).instances[0]?.port ?? 0;
  const directory = routerFolder(place.home, 'shop', 'staging');
  await mkdir(directory, { recursive: true });
  await writeJson(path.join(directory, 'table.json'), emptyTable({ environment: 'staging' }));
  const opened = await Router.open(directory);
  router = opened;
  await opened.listen();
  const put = (url: string, body: unknown) =>
    answerAdmin(opened, { method: 'PUT', url: new URL(url, 'http://admin'), body });
  await put('/releases/r1', { instances: [{ host: '127.0.0.1', port }] });
  await put('/weights', { weights: { r1: 100 }, lease: null });
  const ask: Stage['ask'] = ({ method = 'GET', headers = {} } = {}) =>
    fetchFrom(opened.address?.port ?? 0, { method, headers: { cookie: COOKIE, ...headers } });
  return { release, port, ask };
}

async function killInstance({ release }: Stage): Promise<void> {
  process.kill(-((await release.state()).instances[0]?.pid ?? 0), 'SIGKILL');
}

asOther.each(['127.0.0.1', '0.0.0.0', '::'])(
  'an account that takes the port of a killed instance on %s gets no byte of a request; users get 503, and the status says who has the port',
  async (on) => {
    const stage = await serve(on);
    expect((await stage.ask()).body).toBe(`good ${COOKIE}`);
    attacker = stealPort(stage.port, on);
    const lines = attacker.lines;
    await until('the attacker waits for the port', () => lines().includes('waiting'));
    await killInstance(stage);
    await until('it has it', () => lines().includes('listening'));
    for (const method of ['GET', 'POST', 'PUT', 'GET']) expect((await stage.ask({ method })).status).toBe(503);
    expect((await stage.ask({ headers: { expect: '100-continue' } })).status).toBe(503);
    expect((await stage.ask({ headers: { connection: 'upgrade', upgrade: 'websocket' } })).status).toBe(503);
    const control = await httpGet({ url: `http://127.0.0.1:${stage.port}/control`, timeoutMs: 5_000, body: true });
    expect(control).toMatchObject({ kind: 'answered', answer: { body: 'stolen' } });
    await until('the attacker said it', () => lines().includes('read /control'));
    expect(lines()).toEqual(['waiting', 'listening', 'read /control']);
    expect(router?.state().figures['r1']).toMatchObject({ foreign: 6, connectErrors: 6 });
    const held = async () => (await stage.release.state()).instances[0]?.heldBy;
    await until('the status names the holder', async () => (await held()) === 'a process of nobody (uid 65534)');
    await until('the log says it', async () => /is held by a process of nobody/.test(await logText(stage.release)));

    await attacker.end();
    await until('the instance is served again', async () => (await stage.ask()).body === `good ${COOKIE}`);
    await until('the status names nobody any more', async () => (await held()) === undefined);
  },
);

asOther(
  'an instance that was started again is served as soon as it listens, with nobody else on its port',
  async () => {
    const stage = await serve('127.0.0.1');
    for (let round = 0; round < 2; round += 1) {
      expect((await stage.ask()).body).toBe(`good ${COOKIE}`);
      await killInstance(stage);
      await until('it is served again', async () => (await stage.ask()).status === 200);
    }
  },
);
