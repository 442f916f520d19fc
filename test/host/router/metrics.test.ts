/** `/metrics` of a router, as monitoring systems read it. */
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import { createRouterTraffic } from '../../../activities/traffic/router';
import { freePort } from '../../support/ports';
import { makePlace, until } from '../place';
import { fetchFrom, serve, startRouted, type Routed } from './routed';

jest.setTimeout(180_000);

const OPEN = { accept: 'application/openmetrics-text; version=1.0.0, text/plain;q=0.5' };

describe('of a router', () => {
  let routed: Routed;
  let metrics: { host: string; port: number };
  beforeEach(async () => {
    metrics = { host: '127.0.0.1', port: await freePort() };
    routed = await startRouted({}, { settings: { slowMs: 1_000, drainMs: 1_000, metrics } });
    const backend = await routed.backend((request, response) => {
      response.statusCode = request.url === '/bad' ? 500 : 200;
      response.end('x');
    });
    const gone = await routed.backend(() => undefined);
    await gone.close();
    await serve(routed, { old: [backend.address], 'new-1': [gone.address] }, { old: 100 });
    for (const path of ['/', '/', '/', '/bad']) await fetchFrom(routed.port, { path });
    await routed.ask('PUT', '/weights', {
      weights: { old: 50, 'new-1': 50 },
      lease: { holder: 'h', seconds: 30, fallback: { old: 100 } },
    });
    for (let n = 0; n < 2; n += 1) await fetchFrom(routed.port);
    await until('it shows metrics', () => routed.router.metricsAddress);
  });
  afterEach(() => routed.close());

  test('counters, weights beside measured shares, the lease and a histogram that adds up', async () => {
    const { body, headers } = await fetchFrom(metrics.port, { path: '/metrics', headers: OPEN });
    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const of = (release: string): string => `{app="shop",environment="production",release="${release}"`;
    for (const line of [
      '# TYPE mvca_requests counter',
      `mvca_requests_total${of('old')}} 5`,
      `mvca_answers_total${of('old')},class="2xx"} 4`,
      `mvca_answers_total${of('old')},class="5xx"} 1`,
      `mvca_errors_total${of('old')}} 1`,
      `mvca_unanswered_total${of('new-1')},reason="connect"} 1`,
      `mvca_errors_total${of('new-1')}} 1`,
      `mvca_weight_ratio${of('new-1')}} 0.5`,
      `mvca_share_ratio${of('old')}} 0.5`,
      '# UNIT mvca_latency_seconds seconds',
      `mvca_latency_seconds_bucket${of('old')},le="60.0"} 5`,
      `mvca_latency_seconds_bucket${of('old')},le="+Inf"} 5`,
      `mvca_latency_seconds_count${of('old')}} 5`,
      'mvca_router_listening{app="shop",environment="production"} 1',
    ])
      expect(body.split('\n')).toContain(line);
    const left = Number(/^mvca_lease_seconds\{[^}]*\} (\S+)$/m.exec(body)?.[1]);
    expect(left).toBeGreaterThan(20);
    expect(left).toBeLessThanOrEqual(30);
    expect(body.endsWith('\n# EOF\n')).toBe(true);
  });

  test('the older text format for those who do not ask for the newer one, without a fault that promtool knows', async () => {
    const { body, headers } = await fetchFrom(metrics.port, { path: '/metrics' });
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toMatch(/^# TYPE mvca_requests_total counter$/m);
    expect(body).not.toMatch(/EOF|UNIT/);
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
    if (checked.error === undefined) expect(`${checked.stdout}${checked.stderr}`).toBe('');
    else process.stderr.write('promtool is not installed: what it says of the metrics was not looked at\n');
  });

  test('nothing else is shown there, and nothing can be changed', async () => {
    expect((await fetchFrom(metrics.port, { path: '/state' })).status).toBe(404);
    expect((await fetchFrom(metrics.port, { path: '/metrics', method: 'PUT', body: 'x' })).status).toBe(405);
    expect((await fetchFrom(metrics.port, { path: '/metrics', method: 'HEAD' })).body).toBe('');
  });

  test('the address follows the settings, waits for one that is taken, and is left when it is not wanted', async () => {
    const holder = net.createServer().listen(0, '127.0.0.1');
    await until('it listens', () => holder.address());
    const taken = { host: '127.0.0.1', port: (holder.address() as net.AddressInfo).port };
    await routed.ask('PUT', '/settings', { slowMs: 1_000, drainMs: 1_000, metrics: taken });
    await expect(fetchFrom(metrics.port, { path: '/metrics' })).rejects.toThrow(/ECONNREFUSED/);
    expect(await fetchFrom(routed.port).then(({ status }) => status)).toBeLessThan(600);
    await new Promise((resolve) => holder.close(resolve));
    await until('it shows metrics there', () => routed.router.metricsAddress?.port === taken.port);
    await routed.ask('PUT', '/settings', { slowMs: 1_000, drainMs: 1_000 });
    expect(routed.router.metricsAddress).toBeNull();
  });
});

test('the instances of its application and environment are shown with those of no other', async () => {
  const place = await makePlace();
  try {
    const script = `require('node:http').createServer((q, s) => s.end('x')).listen(process.env.PORT)`;
    const [ours, theirs, ended] = [
      await place.release('r-1', script, { instances: 2 }),
      await place.release('r-1', script, { environment: 'production' }),
      await place.release('r-2', script),
    ];
    const metrics = { host: '127.0.0.1', port: await freePort() };
    const listen = { host: '127.0.0.1', port: await freePort() };
    await createRouterTraffic(place.home).ensure({
      app: 'shop',
      environment: 'staging',
      listen,
      slowMs: 1_000,
      drainMs: 100,
      metrics,
    });
    await Promise.all([ours.start(), theirs.start(), ended.start()]);
    await ended.stop();
    const read = async () => (await fetchFrom(metrics.port, { path: '/metrics', headers: OPEN })).body;
    await until('memory and CPU are known', async () =>
      /^mvca_instance_cpu_ratio\{[^}]*instance="1"\} [\d.e-]+$/m.test(await read()),
    );
    const body = await read();
    const labels = 'app="shop",environment="staging",release="r-1"';
    expect(body).toContain(`mvca_instance_up{${labels},instance="0"} 1\nmvca_instance_up{${labels},instance="1"} 1\n`);
    expect(body).toContain(`mvca_runner_up{${labels}} 1\n`);
    expect(body).toContain(`mvca_instance_restarts_total{${labels},instance="0"} 0\n`);
    expect(body).toMatch(/^mvca_instance_memory_bytes\{[^}]*instance="0"\} \d{7,}$/m);
    expect(body).toMatch(/^mvca_release_info\{[^}]*version="1.0.0",artifact="sha256:0+"\} 1$/m);
    expect(body).not.toMatch(/r-2|production/);
  } finally {
    await place.remove();
  }
});
