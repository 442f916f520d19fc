/** Whoever writes a spec can have the worker ask a URL: none leads to what hands out the machine's own credentials, by whatever name. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import dns from 'node:dns';
import { checkEnvironment } from '../../activities/gates/environment';
import { createMetricsSource } from '../../activities/monitoring';
import { httpGet } from '../../system/http-get';
import { environmentSpec } from '../support/specs';

const REFUSED = /link-local, a metadata service or no host/;
const URLS = [
  'http://169.254.169.254/latest/meta-data/',
  'http://0xA9FEA9FE/',
  'http://2852039166/',
  'http://[::ffff:169.254.169.254]/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://100.100.100.200/',
  'http://0.0.0.0:22/',
];

const noSecrets = {
  resolve: () => Promise.reject(new Error('there are none')),
  resolveFor: () => Promise.reject(new Error('there are none')),
  isMeantFor: () => Promise.resolve(false),
};

test.each(URLS)('a GET of %s is not sent', async (url) => {
  expect(await httpGet({ url, timeoutMs: 2_000, body: true })).toMatchObject({
    kind: 'failed',
    message: expect.stringMatching(REFUSED) as string,
  });
});

test('a name that leads there is refused when it is looked up, and once only', async () => {
  const lookup = jest.spyOn(dns, 'lookup');
  lookup.mockImplementation(((_name: string, _options: unknown, done: (error: null, all: unknown) => void) =>
    done(null, [{ address: '169.254.169.254', family: 4 }])) as unknown as typeof dns.lookup);
  try {
    const result = await httpGet({ url: 'http://payments.example.com/', timeoutMs: 2_000, body: false });
    expect(result).toMatchObject({ kind: 'failed', message: expect.stringMatching(REFUSED) as string });
    expect(lookup).toHaveBeenCalledTimes(1);
  } finally {
    lookup.mockRestore();
  }
});

test('`services` are asked by it: the gate says no, with the reason', async () => {
  const services = { metadata: 'http://169.254.169.254/latest/meta-data/' };
  const environment = { ...environmentSpec({ secrets: {}, requires: [] }), databases: {}, services };
  const { findings } = await checkEnvironment({ secrets: noSecrets }, { app: 'shop', environment });
  expect(findings.find(({ id }) => id === 'service/metadata')).toMatchObject({
    verdict: 'refused',
    message: expect.stringMatching(REFUSED) as string,
  });
});

test('`watch.metrics` are asked by it, too', async () => {
  const source = createMetricsSource({ secrets: noSecrets });
  const question = { url: 'http://169.254.169.254', query: 'up', token: null };
  const user = { app: 'shop', environment: 'staging' } as const;
  const { signal } = new AbortController();
  expect(JSON.stringify(await source.read({ ...question, user, signal }))).toMatch(REFUSED);
});

test('a redirect there is not followed, and loopback is reached as ever', async () => {
  const server = http.createServer((_request, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const result = await httpGet({ url: `http://127.0.0.1:${port}/`, timeoutMs: 2_000, body: true });
  expect(result).toMatchObject({ kind: 'answered', answer: { status: 302 } });
  server.close();
});
