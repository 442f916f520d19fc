import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNotifications } from '../../../activities/notifications';
import { waitAsked } from '../../../activities/notifications/post';
import { fail } from '../../../activities/failure';
import type { NotifyRequest } from '../../../activities/record-query';
import type { NotifierSpec } from '../../../domain/spec/spec';

interface Posted {
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: unknown;
}

const TOKEN = 'T0PSECRET-t0ken';
let posted: Posted[];
let answer: (response: http.ServerResponse, tries: number) => void;
let server: http.Server;
let base: string;

beforeEach(async () => {
  posted = [];
  answer = (response) => response.end('ok');
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
      posted.push({ url: request.url ?? '', headers: request.headers, body });
      answer(response, posted.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const notifications = (timeoutMs = 5_000) =>
  createNotifications({
    secrets: {
      resolveFor: async (reference) => {
        if (reference === 'secret://file/shop/HOOK') return { value: `${base}/hook/${TOKEN}\n`, version: '1' };
        throw fail('SecretMissing', `${reference} has no value; mvca secrets set shop OTHER`);
      },
    },
    timeoutMs,
    pausesMs: [10, 10],
  });

const message = (...notifiers: NotifierSpec[]): NotifyRequest => ({
  notifiers,
  app: 'shop',
  event: 'rolled-back',
  text: 'shop 1.2.0 was rolled back: errors 11.8 % <limit> & 1 %',
  facts: { version: '1.2.0', outcome: 'rolled-back', nothing: null },
});

test('a webhook is told by one JSON object, at the URL behind its reference', async () => {
  expect(await notifications().notify(message({ kind: 'webhook', url: 'secret://file/shop/HOOK' }))).toEqual([]);
  const { app, event, text, facts } = message();
  expect(posted).toMatchObject([{ url: `/hook/${TOKEN}`, body: { format: 1, app, event, text, facts } }]);
});

test('slack is told in its own form, with what means something to it escaped', async () => {
  expect(await notifications().notify(message({ kind: 'slack', url: `${base}/services/${TOKEN}` }))).toEqual([]);
  const text = 'shop 1.2.0 was rolled back: errors 11.8 % &lt;limit&gt; &amp; 1 %';
  expect(posted[0]?.body).toEqual({
    text,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*shop: rolled-back*\n${text}` } },
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: '*version*\n1.2.0' },
          { type: 'mrkdwn', text: '*outcome*\nrolled-back' },
        ],
      },
    ],
  });
});

test('a notifier that fails twice is told at the third try, with the same key', async () => {
  answer = (response, tries) => response.writeHead(tries < 3 ? 503 : 204).end();
  expect(await notifications().notify(message({ kind: 'webhook', url: base }))).toEqual([]);
  expect(new Set(posted.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(posted).toHaveLength(3);
});

test('one that asks for some time is left alone for so long, and told then', async () => {
  const times: number[] = [];
  answer = (response, tries) => {
    times.push(performance.now());
    if (tries < 2) response.writeHead(429, { 'retry-after': '1' }).end('rate_limited');
    else response.end('ok');
  };
  expect(await notifications().notify(message({ kind: 'slack', url: base }))).toEqual([]);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
});

test('one that asks for more than can be waited is not waited for, and that is said', async () => {
  answer = (response) => response.writeHead(429, { 'retry-after': '3600' }).end();
  expect(await notifications().notify(message({ kind: 'slack', url: base }))).toEqual([
    expect.stringMatching(/it answered 429, and asks to be left alone for 3600 s$/),
  ]);
  expect(posted).toHaveLength(1);
});

test.each([
  ['3', 3_000],
  [' 120 ', 120_000],
  ['Tue, 01 Dec 2026 00:00:05 GMT', 5_000],
  ['Tue, 01 Dec 2026 00:00:00 GMT', 0],
  ['soon', null],
  ['-1', null],
  [undefined, null],
])('`Retry-After: %s` asks for %s ms', (text, ms) => {
  expect(waitAsked(text, Date.parse('2026-12-01T00:00:00Z'))).toBe(ms);
});

test('what fails is answered in words without what is secret, and the others are told', async () => {
  answer = (response) => response.writeHead(500).end(TOKEN);
  const failed = await notifications().notify(
    message(
      { kind: 'webhook', url: 'secret://file/shop/HOOK' },
      { kind: 'slack', url: `${base}/services/${TOKEN}?token=${TOKEN}` },
      { kind: 'webhook', url: 'secret://file/shop/OTHER' },
    ),
  );
  expect(failed).toEqual([
    'webhook secret://file/shop/HOOK was not told of `rolled-back`: it answered 500 (3 tries)',
    `slack ${base.slice(7)} was not told of \`rolled-back\`: it answered 500 (3 tries)`,
    'webhook secret://file/shop/OTHER was not told of `rolled-back`: secret://file/shop/OTHER has no value; mvca secrets set shop OTHER',
  ]);
  expect(failed.join()).not.toContain(TOKEN);
});

test('a redirect is not followed', async () => {
  answer = (response) => response.writeHead(307, { location: `${base}/elsewhere` }).end();
  expect(await notifications().notify(message({ kind: 'webhook', url: base }))).toEqual([
    expect.stringContaining('it answered 307, a redirect, which is not followed'),
  ]);
  expect(posted).toHaveLength(1);
});

test('a refusal is not tried again', async () => {
  answer = (response) => response.writeHead(403).end();
  expect(await notifications().notify(message({ kind: 'webhook', url: base }))).toEqual([
    expect.stringMatching(/it answered 403$/),
  ]);
  expect(posted).toHaveLength(1);
});

test('one that never answers is given up', async () => {
  answer = () => undefined;
  expect(await notifications(100).notify(message({ kind: 'webhook', url: base }))).toEqual([
    expect.stringContaining('it did not answer within 0.1 s (3 tries)'),
  ]);
});

test('an answer without end is not read', async () => {
  answer = (response) => void response.writeHead(200).write('x'.repeat(100_000));
  expect(await notifications().notify(message({ kind: 'webhook', url: base }))).toEqual([]);
});

test('one that nobody listens for is said so', async () => {
  await new Promise((resolve) => server.close(resolve));
  expect(await notifications().notify(message({ kind: 'webhook', url: `${base}/${TOKEN}` }))).toEqual([
    `webhook ${base.slice(7)} was not told of \`rolled-back\`: nobody listens at its address (3 tries)`,
  ]);
});

test.each([
  ['file:///etc/passwd', 'only https: and http: are used'],
  ['gopher://127.0.0.1/', 'only https: and http: are used'],
  ['no url', 'its URL is none'],
  ['http://ana:pw@127.0.0.1/', 'holds a user or password'],
  ['http://169.254.169.254/latest/meta-data', 'link-local'],
  ['http://0xa9fea9fe/', 'link-local'],
  ['http://2852039166/', 'link-local'],
  ['http://169.254.43518/', 'link-local'],
  ['http://[::ffff:169.254.169.254]/', 'link-local'],
  ['http://[fe80::1]/', 'link-local'],
  ['http://[64:ff9b::a9fe:a9fe]/', 'link-local'],
  ['http://[fd00:ec2::254]/', 'metadata'],
  ['http://100.100.100.200/', 'metadata'],
  ['http://0.0.0.0/', 'no host'],
])('%s is refused: %s', async (url, why) => {
  expect(await notifications().notify(message({ kind: 'webhook', url }))).toEqual([expect.stringContaining(why)]);
});
