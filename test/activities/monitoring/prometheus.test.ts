/** What comes of a question to a Prometheus: a real one, and servers that answer as none should. */
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMetricsSource } from '../../../activities/monitoring';
import { freePort } from '../../support/ports';
import { describeWithPrometheus, startPrometheus, type Prometheus } from '../../support/prometheus';
import { fetchFrom, serve, startRouted, type Routed } from '../../host/router/routed';
import { until } from '../../host/place';

jest.setTimeout(240_000);

const source = createMetricsSource({
  secrets: {
    resolveFor: (reference) =>
      reference === 'secret://file/shop/TOKEN'
        ? Promise.resolve({ value: 'sesame', version: '1' })
        : Promise.reject(new Error(`${reference} has no value`)),
  },
});

const read = (url: string, query: string, token: string | null = null) =>
  source.read({
    url,
    query,
    token,
    user: { app: 'shop', environment: 'production' },
    signal: new AbortController().signal,
  });

describeWithPrometheus('a real Prometheus that scrapes a router', () => {
  let routed: Routed;
  let prometheus: Prometheus;
  beforeAll(async () => {
    const metrics = { host: '127.0.0.1', port: await freePort() };
    routed = await startRouted({}, { settings: { slowMs: 1_000, drainMs: 1_000, metrics } });
    const answering = await routed.backend((request, response) => {
      response.statusCode = request.url === '/bad' ? 500 : 200;
      response.end('x');
    });
    await serve(
      routed,
      { 'v1.0-a': [answering.address], 'v1.1-b': [answering.address] },
      { 'v1.0-a': 75, 'v1.1-b': 25 },
    );
    for (let n = 0; n < 40; n += 1) await fetchFrom(routed.port, { path: n % 4 === 0 ? '/bad' : '/' });
    prometheus = await startPrometheus([metrics.port]);
    await until('it has scraped', async () => (await prometheus.query('mvca_requests_total')).length === 2);
  });
  afterAll(async () => {
    await routed.close();
    await prometheus.remove();
  });

  test('reads every line of what the router shows', async () => {
    expect(await prometheus.query('up')).toEqual([1]);
    const { body } = await fetchFrom(routed.router.metricsAddress?.port ?? 0, {
      path: '/metrics',
      headers: { accept: 'application/openmetrics-text' },
    });
    const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    expect(await prometheus.query('scrape_samples_scraped')).toEqual([samples]);
    const metadata = await fetch(`${prometheus.url}/api/v1/metadata?metric=mvca_latency_seconds`);
    expect(await metadata.json()).toMatchObject({
      data: { mvca_latency_seconds: [{ type: 'histogram', unit: 'seconds' }] },
    });
  });

  test('gives a figure for one release', async () => {
    const of = (release: string) => `sum(mvca_requests_total{release="${release}"})`;
    expect(await read(prometheus.url, of('v1.1-b'))).toEqual({ kind: 'figure', value: 10 });
    expect(await read(`${prometheus.url}`, `${of('v1.0-a')} * 1.5`)).toEqual({ kind: 'figure', value: 45 });
    expect(await read(prometheus.url, 'scalar(sum(mvca_errors_total))')).toEqual({ kind: 'figure', value: 10 });
    const slowest = await read(prometheus.url, 'histogram_quantile(0.9, sum by (le) (mvca_latency_seconds_bucket))');
    expect(slowest).toEqual({ kind: 'figure', value: expect.any(Number) as number });
  });

  test.each([
    ['mvca_requests_total{release="no"}', 'the query returns nothing'],
    ['0 / sum(mvca_unanswered_total)', 'the query returns NaN'],
    ['1 / sum(mvca_unanswered_total)', 'the query returns +Inf'],
    ['mvca_requests_total', 'the query returns 2 series, and one is expected: join them, as with sum(…)'],
    ['mvca_requests_total[10s]', 'the query returns a matrix, and one figure is expected'],
    ['"x"', 'the query returns a string, and one figure is expected'],
    ['sum(', 'it refuses the query (400): invalid parameter "query": 1:5: parse error: unclosed left parenthesis'],
  ])('%s is no figure', async (query, reason) => {
    expect(await read(prometheus.url, query)).toEqual({ kind: 'none', reason });
  });
});

describe('what answers otherwise', () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const answering = async (listener: RequestListener): Promise<string> => {
    const server = http.createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
  };
  const GOOD = JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: [{ metric: {}, value: [1, '7'] }] },
  });

  test('is asked for the query of the spec, below the path of its URL, with the token', async () => {
    const asked: string[] = [];
    const url = await answering((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.end(GOOD);
    });
    expect(await read(url, 'a{b="c"} + 1', 'secret://file/shop/TOKEN')).toEqual({ kind: 'figure', value: 7 });
    expect(asked).toEqual(['/prefix/api/v1/query?query=a%7Bb%3D%22c%22%7D%20%2B%201 Bearer sesame']);
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1/' }).end(),
      /it redirects \(302\)/,
    ],
    [
      'a refused token',
      (_, response) => response.writeHead(401).end('sesame'),
      /^it refuses the token, or asks for one \(401\)$/,
    ],
    ['a page', (_, response) => response.end('<html>'), /^it answered 200 with something that is no answer/],
    ['a page of an overloaded proxy', (_, response) => response.writeHead(503).end('busy'), /^it answered 503 with/],
    [
      'more than is read',
      (_, response) => response.end(GOOD.padEnd(3_000_000, ' ') + 'x'),
      /^it answered 200 with more than 1 MiB$/,
    ],
    ['an answer without data', (_, response) => response.end('{"status":"success"}'), /^the query returns no type/],
    [
      'a sample without a figure',
      (_, response) => response.end(GOOD.replace('"7"', 'null')),
      /^the query returns a sample without a figure$/,
    ],
    [
      'a broken answer',
      (_, response) => response.writeHead(200, { 'content-length': 10 }).write('x', () => response.destroy()),
      /^it does not answer: /,
    ],
  ])('%s is no figure', async (_, listener, reason) => {
    expect(await read(await answering(listener), 'x')).toEqual({
      kind: 'none',
      reason: expect.stringMatching(reason) as string,
    });
  });

  test('nobody, and one that never answers, are no figure', async () => {
    const port = await freePort();
    expect(await read(`http://127.0.0.1:${port}`, 'x')).toEqual({
      kind: 'none',
      reason: `it does not answer: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
    expect(await read(await answering(() => undefined), 'x')).toEqual({
      kind: 'none',
      reason: 'it does not answer: no answer within 5000 ms',
    });
  });

  test('a token that the source repeats is masked, also where a long answer is cut', async () => {
    const token = 'sesame';
    const url = await answering((_, response) =>
      response.end(JSON.stringify({ status: 'error', error: `${token} is unknown${' '.padEnd(139, '-')}${token}` })),
    );
    const reading = await read(url, 'x', 'secret://file/shop/TOKEN');
    expect(reading).toMatchObject({ reason: expect.stringContaining('[secret] is unknown') as string });
    expect(JSON.stringify(reading)).not.toContain('sesa');
  });

  test('a token without a value is a reason, and is not sent as nothing', async () => {
    const url = await answering((_, response) => response.end(GOOD));
    expect(await read(url, 'x', 'secret://file/shop/NONE')).toEqual({
      kind: 'none',
      reason: 'secret://file/shop/NONE has no value',
    });
  });
});
