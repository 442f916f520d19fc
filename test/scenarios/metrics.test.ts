/** Whole deployments that a real Prometheus has a say in: it scrapes the router, and the watch asks it about the release. */
import type { EnvironmentSpec, Spec, WatchMetricSpec } from '../../domain/spec/spec';
import { startCounting, type CountingClient } from '../../scripts/counting-client';
import { createBench, request, type Bench } from '../support/deploying';
import { freePort } from '../support/ports';
import { describeWithPrometheus, startPrometheus, type Prometheus } from '../support/prometheus';
import { answers, deployed, goodFolder, shopNamed, undone } from '../support/scenario';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

jest.setTimeout(480_000);

/** Answers 404 for what users want: no error by its status, and of no use. */
const LOST = `const http = require('node:http');
http.createServer((request, response) => {
  response.statusCode = request.url === '/work' ? 404 : 200;
  response.end('version ' + process.env.APP_VERSION);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

describeWithPrometheus('watch.metrics', () => {
  let bench: Bench;
  let prometheus: Prometheus;
  let base: Spec;
  let client: CountingClient;
  beforeAll(async () => {
    const metrics = await freePort();
    [bench, prometheus] = await Promise.all([createBench(), startPrometheus([metrics])]);
    const shop = await shopNamed('metered');
    base = inProduction(shop, (environment) => ({
      ...environment,
      traffic: { ...environment.traffic, metrics: { host: '127.0.0.1', port: metrics } },
    }));
    await deployed(bench, base, '1.0.0');
    client = startCounting({
      url: `http://127.0.0.1:${base.environments[1]?.traffic.listen.port ?? 0}`,
      perSecond: 50,
      mix: [{ method: 'GET', path: '/work', share: 1 }],
    });
  });
  afterAll(async () => {
    await client.stop();
    await Promise.all([bench.stop(), prometheus.remove()]);
    removeScratch();
  });

  const RATE = (counter: string): string =>
    `sum(rate(${counter}[5s])) / sum(rate(mvca_requests_total{release="$RELEASE"}[5s]))`;

  const metric = (name: string, query: string, change: Partial<WatchMetricSpec> = {}): WatchMetricSpec => ({
    name,
    prometheus: prometheus.url,
    query,
    max: 0.05,
    min: null,
    everyMs: 1_000,
    token: null,
    ...change,
  });

  const lost = () => metric('lost users', RATE('mvca_answers_total{class="4xx",release="$RELEASE"}'));
  const watching = (forMs: number, ...metrics: readonly WatchMetricSpec[]): Spec =>
    inProduction(base, (environment) => ({ ...environment, watch: { ...environment.watch, forMs, metrics } }));

  test('figures of router and runners within their limits are a healthy release', async () => {
    const memory = metric('memory', 'max(mvca_instance_memory_bytes{release="$RELEASE",app="$APP"})', {
      max: 2e9,
      min: 1e6,
    });
    const running = await deployed(bench, watching(6_000, lost(), memory), '1.1.0');
    const { watches, plan } = await running.status();
    expect(watches.at(-1)).toMatchObject({
      verdict: 'healthy',
      metrics: [
        { value: '0', state: 'within', source: `Prometheus at ${prometheus.url}`, last: { value: '0' } },
        { state: 'within', query: expect.stringMatching(/release="1\.1\.0-\w+",app="metered"/) as string },
      ],
    });
    const words = plan?.environments
      .at(-1)
      ?.steps.map(({ does }) => does)
      .join('\n');
    expect(words).toContain(`; lost users at most 0.05 (Prometheus at ${prometheus.url}); memory between 1000000 and`);
  });

  test('a release that is beyond a limit is rolled back, with value, limit and source', async () => {
    const folder = scratch();
    writeFiles(folder, { 'server.js': LOST, '.mvcaignore': '' });
    const running = await bench.start(request(watching(30_000, lost()), { version: '1.2.0', directory: folder }));
    expect(await running.result()).toMatchObject({ outcome: 'rolled-back', failure: 'Unhealthy' });
    const status = await running.status();
    expect(status.why).toEqual({
      measure: 'lost users',
      // Readings of the metrics are some milliseconds apart on a machine with too much work.
      value: expect.stringMatching(/^(?:1|0\.9\d*)$/) as string,
      limit: 'at most 0.05',
      samples: expect.stringMatching(/^two readings in a row: /) as string,
      source: `Prometheus at ${prometheus.url}`,
    });
    expect(status.watches.at(-1)).toMatchObject({ verdict: 'unhealthy', givenBack: true });
    expect(undone(status)).toEqual(['production shift', 'production start']);
    expect(await answers(base, 'production')).toEqual({ '1.1.0': 10 });
  });

  test('a source that goes away is no failure and no pass; when it is back, the watch ends well', async () => {
    const spec = watching(6_000, lost());
    const running = await bench.start(request(spec, { version: '1.3.0', directory: goodFolder() }));
    await running.until(({ phase }) => phase === 'watch');
    await prometheus.stop();
    const open = await running.until(({ watches }) => watches.at(-1)?.verdict === 'inconclusive');
    expect(open.outcome).toBeNull();
    expect(open.watches.at(-1)?.reason).toMatch(
      /^inconclusive: lost users unknown: it does not answer: .*ECONNREFUSED.*, limit at most 0.05 \(\d+ readings?; source: Prometheus at http/,
    );
    await prometheus.start();
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
    expect((await running.status()).watches.at(-1)?.metrics).toMatchObject([{ value: '0', state: 'within' }]);
  });

  test('nothing, no number and two series are said so, and are no verdict; meanwhile users stay on one release', async () => {
    const bare = metric('nothing', 'mvca_requests_total{release="of nobody"}');
    const nan = metric('no number', '0 * sum(mvca_unanswered_total{release="$RELEASE"}) / 0');
    const two = metric(
      'two series',
      'mvca_answers_total{release="$RELEASE",environment="$ENVIRONMENT",class=~"2xx|4xx"}',
    );
    const spec = inProduction(watching(600, bare, nan, two), (environment) => ({
      ...environment,
      strategy: { kind: 'canary', steps: [50, 100], eachMs: 2_500, onInsufficient: 'rollback', stickiness: 'cookie' },
    }));
    const running = await bench.start(request(spec, { version: '1.4.0', directory: goodFolder() }));
    await running.until(({ step }) => step === 'watch-50');
    const url = `http://127.0.0.1:${base.environments[1]?.traffic.listen.port ?? 0}/`;
    const first = await fetch(url);
    const cookie = /^mvca-release=\w+/.exec(first.headers.get('set-cookie') ?? '')?.[0] ?? '';
    for (let n = 0; n < 10; n += 1) {
      const again = await fetch(url, { headers: { cookie } });
      expect(await again.text()).toBe(await first.clone().text());
    }
    const result = await running.result();
    expect(result).toMatchObject({ outcome: 'rolled-back', failure: 'WatchInconclusive' });
    expect(result.reason).toContain('nothing unknown: the query returns nothing, limit at most 0.05');
    expect((await running.status()).watches.at(-1)?.metrics?.map(({ value }) => value)).toEqual([
      'unknown: the query returns nothing',
      'unknown: the query returns NaN',
      'unknown: the query returns 2 series, and one is expected: join them, as with sum(…)',
    ]);
  });

  test('a rollback asks no source that may be away', async () => {
    await prometheus.stop();
    const environment = watching(600, lost()).environments[1] as EnvironmentSpec;
    const back = { app: base.app, environment, notify: [], to: null, requester: 'ana', reason: 'on purpose' };
    const running = await bench.rollback(back);
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
    expect((await running.status()).watches).toMatchObject([{ verdict: 'healthy', metrics: [] }]);
  });
});

const inProduction = (spec: Spec, change: (environment: EnvironmentSpec) => EnvironmentSpec): Spec => ({
  ...spec,
  environments: spec.environments.map((environment) =>
    environment.name === 'production' ? change(environment) : environment,
  ),
});
