import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext } from 'playwright-core';
import { connectTemporal } from '../../client/temporal-connection';
import { connectionTo, down, up, webUiLink } from '../../embedded';
import type { Engine } from '../../embedded';
import { homeAt } from '../../system/home';
import type { Home } from '../../system/home';
import { isRoot, NOBODY, runAs } from '../support/accounts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Names that lead to this machine, as whoever owns a domain can make them do. */
const REBOUND = '--host-resolver-rules=MAP evil.example 127.0.0.1';
const SCRIPT = readFileSync(path.join(__dirname, '..', 'fixtures', 'embedded', 'page-script.js'), 'utf8');
const workerMain = path.join(__dirname, '..', 'fixtures', 'embedded', 'worker.js');
const log = (): void => undefined;
jest.setTimeout(360_000);

let folder: string;
let home: Home;
let engine: Engine;
/** Another server of this machine: its pages, and what browsers sent it. */
let other: http.Server;
let port: number;
let heard: http.IncomingHttpHeaders[] = [];
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-web-ui-'));
  home = homeAt(path.join(folder, 'home'));
  engine = await up(home, { log, workerMain });
  other = http.createServer((request, response) => {
    heard.push(request.headers);
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>a page</title><p>a page');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  port = (other.address() as AddressInfo).port;
});
afterAll(async () => {
  other.close();
  other.closeAllConnections();
  await down(home, { all: true, log });
  await rm(folder, { recursive: true, force: true });
});

const uiPort = (): number => Number(new URL(engine.temporal.uiUrl).port);

async function started(workflowId: string): Promise<boolean> {
  const connection = await connectTemporal(await connectionTo(engine.temporal));
  return new Client({ connection }).workflow
    .getHandle(workflowId)
    .describe()
    .then(
      () => true,
      () => false,
    )
    .finally(() => connection.close());
}

interface Asked {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Exactly these headers, which `fetch` would not let us set. */
function ask(url: string, headers: http.OutgoingHttpHeaders = {}, method = 'GET', body = ''): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

async function logIn(): Promise<string> {
  const { url } = await webUiLink(home, engine.temporal);
  const [cookie = ''] = (await ask(url)).headers['set-cookie'] ?? [];
  return cookie.split(';')[0] ?? '';
}

test('without a login it says what to run, and shows nothing', async () => {
  for (const page of [
    '/',
    '/namespaces/default/workflows',
    '/api/v1/namespaces',
    '/mvca/login',
    '/mvca/login?ticket=x',
  ]) {
    const { status, text } = await ask(`${engine.temporal.uiUrl}${page}`);
    expect([401, 403]).toContain(status);
    expect(text).toContain('<code>mvca ui</code>');
    expect(text).not.toContain('default');
  }
});

/** The Web UI reaches its own server a moment after both have started, and says 503 until then. */
async function askReady(url: string, cookie: string): ReturnType<typeof ask> {
  for (const until = Date.now() + 30_000; ; await sleep(200)) {
    const answer = await ask(url, { cookie });
    if (answer.status !== 503 || Date.now() > until) return answer;
  }
}

test('a link works once, sets a cookie that scripts and other sites have no part in, and leads to its page', async () => {
  const page = `${engine.temporal.uiUrl}/namespaces/default/workflows?query=x`;
  const { url, until } = await webUiLink(home, engine.temporal, { page });
  expect(until - Date.now()).toBeLessThanOrEqual(300_000);
  const first = await ask(url);
  expect(first.status).toBe(303);
  expect(first.headers.location).toBe('/namespaces/default/workflows?query=x');
  expect(first.headers['set-cookie']?.[0]).toMatch(/^mvca-ui-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
  expect((await ask(url)).status).toBe(403);
  const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const api = await askReady(`${engine.temporal.uiUrl}/api/v1/namespaces/default`, cookie);
  expect([api.status, JSON.parse(api.text)]).toEqual([
    200,
    expect.objectContaining({ namespaceInfo: expect.anything() }),
  ]);
});

test('another name, another origin or another site is refused, also with the cookie', async () => {
  const cookie = await logIn();
  const host = `127.0.0.1:${uiPort()}`;
  const url = `${engine.temporal.uiUrl}/api/v1/namespaces/default/workflows/from-elsewhere`;
  const refused: readonly (readonly [number, string, http.OutgoingHttpHeaders])[] = [
    [421, 'GET', { host: 'evil.example' }],
    [421, 'GET', { host: `evil.example:${uiPort()}` }],
    [421, 'GET', { host: `127.0.0.1:${uiPort()}.evil.example` }],
    [421, 'GET', { host: '127.0.0.1' }],
    [403, 'GET', { origin: 'http://evil.example' }],
    [403, 'GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
    [403, 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    [403, 'POST', { 'content-type': 'text/plain' }],
    [403, 'POST', { 'content-type': 'text/plain', origin: `http://127.0.0.1:${port}` }],
    [403, 'POST', { 'sec-fetch-site': 'same-site', origin: `http://127.0.0.1:${port}` }],
    [403, 'POST', { origin: 'null' }],
    [403, 'OPTIONS', { origin: 'http://evil.example', 'access-control-request-method': 'POST' }],
  ];
  for (const [status, method, headers] of refused) {
    const answer = await ask(url, { host, cookie, ...headers }, method, method === 'POST' ? '{}' : '');
    expect({ method, headers, status: answer.status }).toEqual({ method, headers, status });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
  const { headers } = await ask(engine.temporal.uiUrl, { cookie });
  expect(headers['x-frame-options']).toBe('DENY');
});

(isRoot ? test : test.skip)('a cookie or a link is of no use to another account (needs root)', async () => {
  const cookie = await logIn();
  const { url } = await webUiLink(home, engine.temporal);
  const told = await runAs<readonly number[]>(NOBODY, 'ask-as.js', [engine.temporal.uiUrl, cookie, url, '']);
  expect(told).toEqual([401, 403]);
  expect((await ask(engine.temporal.uiUrl, { cookie })).status).toBe(200);
  expect((await ask(url)).status).toBe(303);
  const theirs = await webUiLink(home, engine.temporal, { account: String(NOBODY) });
  expect(await runAs<readonly number[]>(NOBODY, 'ask-as.js', [theirs.url, ''])).toEqual([303]);
});

const withBrowser = existsSync(CHROMIUM) ? describe : describe.skip;
withBrowser('in Chromium', () => {
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, REBOUND] });
    context = await browser.newContext();
  });
  afterAll(() => browser.close());

  test('the Web UI works for who follows the link, and may change things from it', async () => {
    const page = await context.newPage();
    await page.goto(`${engine.temporal.uiUrl}/namespaces/default/workflows`);
    expect(await page.innerText('body')).toContain('mvca ui');
    await page.goto(
      (await webUiLink(home, engine.temporal, { page: `${engine.temporal.uiUrl}/namespaces/default/workflows` })).url,
    );
    await page.getByText('Workflows').first().waitFor();
    const made = await page.evaluate<number>(`${SCRIPT}; startFromUi('from-the-ui')`);
    expect(made).toBe(200);
    expect(await started('from-the-ui')).toBe(true);
    await page.close();
  });

  test.each([
    ['of another port of this machine, which the cookie is sent to', () => `http://127.0.0.1:${port}/`],
    ['of another site, which lies on this machine', () => `http://evil.example:${port}/`],
  ])('a page %s starts nothing and reads nothing', async (_title, address) => {
    heard = [];
    const page = await context.newPage();
    await page.goto(address());
    const id = `from-a-page-${address().length}`;
    const [ui, grpc] = [engine.temporal.uiUrl, `http://${engine.temporal.address}`];
    const bases = JSON.stringify([ui, ui.replace('127.0.0.1', 'localhost'), grpc]);
    const read = await page.evaluate<readonly string[]>(`${SCRIPT}; attack(${bases}, '${id}')`);
    expect(read).toEqual(['unreadable', 'unreadable', 'unreadable']);
    expect(await started(id)).toBe(false);
    const sent = heard.some(({ cookie }) => cookie?.includes('mvca-ui'));
    expect(sent).toBe(address().includes('127.0.0.1'));
    await page.close();
  });

  test('a page whose name was pointed at the Web UI (DNS rebinding) is not let in', async () => {
    const page = await context.newPage();
    const answer = await page.goto(`http://evil.example:${uiPort()}/`);
    expect(answer?.status()).toBe(421);
    const inner = await page.evaluate(() =>
      fetch('/api/v1/namespaces').then(
        () => 'read',
        () => 'refused',
      ),
    );
    expect(inner).toBe('refused');
    await page.close();
  });
});
