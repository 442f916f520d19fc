import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReleaseGates } from '../../../activities/gates';
import type { EnvironmentSpec, SmokeCheck } from '../../../domain/spec/spec';
import type { Address } from '../../../domain/words';
import { builderAt } from '../../support/builder';
import { inActivity } from '../../support/in-activity';
import { removeScratch, scratch, writeFiles } from '../../support/scratch';
import { knowing } from '../../support/secrets';
import { environmentSpec } from '../../support/specs';
import { toThisProcess } from '../../support/this-process';

const builder = builderAt();
const gates = createReleaseGates({
  workshop: builder.workshop,
  connectTo: toThisProcess,
  secrets: knowing(() => 'top secret'),
});
const servers: http.Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  removeScratch();
});

async function instance(answer: RequestListener): Promise<Address> {
  const server = http.createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}
const says =
  (text: string, status = 200): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end(text);

async function requestFor(
  addresses: readonly Address[],
  change: Partial<EnvironmentSpec>,
  files: Record<string, string> = { 'a.js': '' },
) {
  const folder = scratch();
  writeFiles(folder, files);
  return {
    app: 'shop',
    environment: environmentSpec(change),
    release: 'r1',
    addresses,
    source: await builder.request(folder),
  };
}
const get = (change: Partial<Extract<SmokeCheck, { kind: 'get' }>> = {}): SmokeCheck => ({
  kind: 'get',
  path: '/',
  timeoutMs: 2_000,
  status: [200],
  contains: 'tea',
  type: 'text/html',
  header: {},
  ...change,
});

describe('The smoke gate', () => {
  test('passes when every instance answers as expected', async () => {
    const request = await requestFor([await instance(says('tea')), await instance(says('more tea'))], {
      smoke: [get(), get({ contains: null })],
    });
    const result = await inActivity(() => gates.smokeRelease(request));
    expect(result).toMatchObject({ gate: 'smoke', verdict: 'passed', summary: '2 checks passed on 2 instances' });
    expect(result.findings.map(({ id }) => id)).toEqual(['get /', 'get / #2']);
  });

  test('refuses when one of the instances does not, and says what was measured', async () => {
    const request = await requestFor([await instance(says('tea')), await instance(says('coffee'))], { smoke: [get()] });
    const result = await inActivity(() => gates.smokeRelease(request));
    expect(result.verdict).toBe('refused');
    expect(result.summary).toMatch(
      /^GET \/ of instance 1: answered 200 without "tea" in it; it begins: "coffee" \(\d+ ms\)$/,
    );
  });

  test('runs commands against every instance, without secrets', async () => {
    const seen: string[] = [];
    const sees: RequestListener = (request, response) => {
      seen.push(`${request.socket.localPort} ${request.url}`);
      response.end();
    };
    const addresses = [await instance(sees), await instance(sees)];
    const files = {
      'smoke.js':
        "if(process.env.SESSION_KEY)process.exit(8);if(process.env.LOG_LEVEL!=='info')process.exit(9);fetch(process.env.BASE_URL+'/'+process.argv[2]).then(r=>process.exit(r.ok?0:1))",
    };
    const smoke: SmokeCheck[] = [{ kind: 'run', command: ['node', 'smoke.js', '$RELEASE'], timeoutMs: 20_000 }];
    const request = await requestFor(addresses, { smoke }, files);
    expect(await inActivity(() => gates.smokeRelease(request))).toMatchObject({ verdict: 'passed' });
    expect(seen).toEqual(addresses.map(({ port }) => `${port} /r1`));
  });

  test('refuses by a command that fails', async () => {
    const smoke: SmokeCheck[] = [
      { kind: 'run', command: ['node', '-e', "console.error('Error: no tea');process.exit(2)"], timeoutMs: 20_000 },
    ];
    const request = await requestFor([await instance(says('tea'))], { smoke });
    const result = await inActivity(() => gates.smokeRelease(request));
    expect(result.verdict).toBe('refused');
    expect(result.findings[0]?.message).toContain('Error: no tea');
  });

  test('passes with a note when nothing is declared', async () => {
    const result = await inActivity(async () => gates.smokeRelease(await requestFor([], { smoke: [] })));
    expect(result).toMatchObject({ verdict: 'passed', summary: 'no smoke check is declared' });
  });
});

describe('The integration gate', () => {
  test('runs the tests of the application against the new release', async () => {
    const files = {
      'i.test.js':
        "const a=require('node:assert');require('node:test')('tea',async()=>{a.equal(await (await fetch(process.env.BASE_URL)).text(),'tea')})",
    };
    const request = await requestFor(
      [await instance(says('tea'))],
      { integration: [['node', '--test', 'i.test.js']] },
      files,
    );
    expect(await inActivity(() => gates.integrateRelease(request))).toMatchObject({
      gate: 'integration',
      verdict: 'passed',
      summary: '1 test passed',
    });
    const other = { ...request, addresses: [await instance(says('coffee'))] };
    expect(await inActivity(() => gates.integrateRelease(other))).toMatchObject({ verdict: 'refused' });
  });

  test('has a time limit of its own', async () => {
    const request = await requestFor([await instance(says('tea'))], {
      integration: [['node', '-e', 'setInterval(() => {}, 1000)']],
      integrationTimeoutMs: 300,
    });
    const { verdict, findings } = await inActivity(() => gates.integrateRelease(request));
    expect([verdict, findings[0]?.message]).toEqual(['refused', expect.stringMatching(/0\.[3-9] s/)]);
  });

  test('that executed no test is inconclusive', async () => {
    const request = await requestFor(
      [await instance(says('tea'))],
      { integration: [['node', '--test', 'nothing']] },
      { 'nothing/x': '' },
    );
    expect(await inActivity(() => gates.integrateRelease(request))).toMatchObject({ verdict: 'inconclusive' });
  });
});
