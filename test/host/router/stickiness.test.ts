/** Users stay on one release while two have traffic, the shares are those that were set, and nobody is remembered. */
import http, { type RequestListener } from 'node:http';
import { fetchFrom, serve, startRouted, type Answer, type Routed } from './routed';

jest.setTimeout(360_000);

let routed: Routed;
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
beforeEach(async () => (routed = await startRouted()));
afterEach(() => routed.close());
afterAll(() => agent.destroy());

const named =
  (name: string): RequestListener =>
  (request, response) => {
    if (request.url === '/asset') response.setHeader('Cache-Control', 'public, max-age=600');
    if (request.url === '/page') response.setHeader('Cache-Control', 'public, max-age=0');
    if (request.url === '/own') response.setHeader('Set-Cookie', ['session=1', 'theme=dark']);
    if (request.url === '/same') response.statusCode = 304;
    response.end(request.url === '/cookie' ? request.headers.cookie : name);
  };

async function serveBoth(stickiness: 'none' | 'cookie' | undefined, share: number): Promise<void> {
  await routed.ask('PUT', '/settings', { slowMs: 1_000, drainMs: 1_000, stickiness });
  const [old, fresh] = [await routed.backend(named('old')), await routed.backend(named('new'))];
  await serve(routed, { old: [old.address], new: [fresh.address] }, { old: 100 - share, new: share });
}

const give = (share: number) =>
  routed.ask('PUT', '/weights', { weights: { old: 100 - share, new: share }, lease: null });

const get = (path = '/', headers: http.OutgoingHttpHeaders = {}): Promise<Answer> =>
  fetchFrom(routed.port, { path, headers, agent });

const setBy = ({ headers }: Answer): string[] => headers['set-cookie'] ?? [];
const heldBy = (answer: Answer): string => /mvca-release=[0-9a-f]{8}/.exec(setBy(answer).join())?.[0] ?? '';

async function manyTimes<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) results[n] = await work(n);
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return results;
}

const shareOf = (bodies: readonly string[]): number =>
  (100 * bodies.filter((body) => body === 'new').length) / bodies.length;

test.each([undefined, 'none'] as const)('with `%s` no cookie is ever set', async (stickiness) => {
  await serveBoth(stickiness, 50);
  for (const answer of await manyTimes(20, () => get())) expect(setBy(answer)).toEqual([]);
});

test('ten thousand requests without a cookie are shared out as it was set', async () => {
  await serveBoth('cookie', 10);
  const answers = await manyTimes(10_000, () => get());
  expect(Math.abs(shareOf(answers.map(({ body }) => body)) - 10)).toBeLessThan(1);
  expect(answers.every((answer) => heldBy(answer) !== '')).toBe(true);
});

test('two thousand users stay where they are, and a larger share moves as many of them as it must, and none back', async () => {
  await serveBoth('cookie', 10);
  const cookies = (await manyTimes(2_000, () => get())).map(heldBy);
  const where = async (): Promise<string[]> => {
    const answers = await manyTimes(2_000, (n) => get('/', { cookie: `a=b; ${cookies[n] ?? ''}; c=d` }));
    expect(answers.flatMap(setBy)).toEqual([]);
    return answers.map(({ body }) => body);
  };
  let before = await where();
  expect(await where()).toEqual(before);
  for (const share of [10, 50, 90]) {
    await give(share);
    const now = await where();
    expect(Math.abs(shareOf(now) - share)).toBeLessThan(1);
    expect(before.some((body, n) => body === 'new' && now[n] !== 'new')).toBe(false);
    before = now;
  }
  await give(0);
  expect(new Set(await where())).toEqual(new Set(['old']));
});

test('the cookie is a point that ends with the session, and is kept from scripts and from foreign pages', async () => {
  await serveBoth('cookie', 50);
  const overTls = { 'x-forwarded-proto': 'https' };
  for (const headers of [{}, overTls])
    expect(setBy(await get('/', headers))[0]).toMatch(/^mvca-release=[0-9a-f]{8}; Path=\/; HttpOnly; SameSite=Lax$/);
  await routed.ask('PUT', '/settings', { slowMs: 1_000, drainMs: 1_000, stickiness: 'cookie', trust: ['127.0.0.1'] });
  expect(setBy(await get('/', overTls))[0]).toMatch(/; SameSite=Lax; Secure$/);
});

test("the application's own cookies stay, and it is told what the user sent", async () => {
  await serveBoth('cookie', 50);
  const own = await get('/own');
  expect(setBy(own).slice(0, 2)).toEqual(['session=1', 'theme=dark']);
  expect(heldBy(own)).not.toBe('');
  expect((await get('/cookie', { cookie: 'a=b; mvca-release=00000000' })).body).toBe('a=b; mvca-release=00000000');
});

test('no cookie is set with what a cache may give to others', async () => {
  await serveBoth('cookie', 50);
  expect(setBy(await get('/asset'))).toEqual([]);
  expect(setBy(await get('/same'))).toEqual([]);
  expect(heldBy(await get('/page'))).not.toBe('');
  expect(heldBy(await get('/', { expect: '100-continue' }))).not.toBe('');
});

test('a value that is none counts as no cookie, and no value leads to a release without weight', async () => {
  await serveBoth('cookie', 50);
  for (const value of ['', 'x', '0000000g', '000000000', '0x000000', '"00000000"'])
    expect(heldBy(await get('/', { cookie: `mvca-release=${value}` }))).not.toBe('');
  expect((await get('/', { cookie: 'mvca-release=00000000' })).body).toBe('old');
  expect((await get('/', { cookie: 'mvca-release=ffffffff' })).body).toBe('new');
  await give(100);
  const moved = await get('/', { cookie: 'mvca-release=00000000' });
  expect({ body: moved.body, cookies: setBy(moved) }).toEqual({ body: 'new', cookies: [] });
});
