import { readEntries } from '../../../domain/diagnosis/entries';
import type { Entry } from '../../../domain/diagnosis/fault';

const read = (text: string): Entry[] => readEntries({ source: 'app.log', text });
const rooted = (entry: Entry | undefined) => entry?.chain.at(-1);

const CAUSED = `2026-11-25T08:00:00Z ERROR orders: cannot be listed
Error: orders cannot be listed
    at list (/app/src/orders.js:12:11)
    at async handle (/app/node_modules/express/lib/router.js:9:3) {
  orderCount: 3,
  [cause]: TypeError: fetch failed
      at node:internal/deps/undici/undici:13510:13 {
    [cause]: Error: connect ECONNREFUSED 10.0.0.7:8080
        at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {
      errno: -111,
      code: 'ECONNREFUSED',
      port: 8080
    }
  }
}
2026-11-25T08:00:01Z INFO listening`;

test('a trace with its causes is one entry, and the deepest error is its last', () => {
  const entries = read(CAUSED);
  expect(entries.map(({ line, level }) => [line, level])).toEqual([
    [1, 'error'],
    [2, 'error'],
    [16, 'info'],
  ]);
  const [, trace] = entries;
  expect(trace?.chain.map(({ name, code }) => [name, code])).toEqual([
    ['Error', null],
    ['TypeError', 'FETCH_FAILED'],
    ['Error', 'ECONNREFUSED'],
  ]);
  expect(trace?.chain[0]?.fields).toEqual({ orderCount: '3' });
  expect(trace?.chain[0]?.frames[0]).toEqual({ file: '/app/src/orders.js', line: 12 });
  expect(rooted(trace)?.fields['port']).toBe('8080');
});

test('what Node.js shows above an uncaught error belongs to it, and it ended the process', () => {
  const [entry, ...more] = read(`/app/src/boot.js:10
  throw new BootFailure('no tenants');
  ^

BootFailure: no tenants
    at boot (/app/src/boot.js:10:9)

Node.js v20.20.2`);
  expect(entry).toMatchObject({ isFatal: true, isUnhandled: false });
  expect(rooted(entry)).toMatchObject({
    name: 'BootFailure',
    message: 'no tenants',
    thrownAt: { file: '/app/src/boot.js', line: 10 },
    sourceLine: "  throw new BootFailure('no tenants');",
    offset: 4,
  });
  expect(more.at(-1)?.texts).toEqual(['Node.js v20.20.2']);
});

test('a message of several lines reaches to its stack', () => {
  const [entry, ...more] = read(`Error: Cannot find module './Routes'
Require stack:
- /app/src/server.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1140:15) {
  code: 'MODULE_NOT_FOUND'
}`);
  expect(more).toEqual([]);
  expect(rooted(entry)).toMatchObject({
    code: 'MODULE_NOT_FOUND',
    message: expect.stringContaining('/app/src/server.js'),
  });
});

const STACK = 'Error: late\\n    at run (/app/src/run.js:3:1)';
test.each([
  [
    'pino',
    `{"level":50,"time":1795593600000,"err":{"type":"Error","message":"late","stack":"${STACK}","code":"ETIMEDOUT"},"msg":"run failed"}`,
  ],
  [
    'bunyan',
    `{"name":"shop","level":50,"err":{"message":"late","name":"Error","stack":"${STACK}","code":"ETIMEDOUT"},"msg":"run failed","time":"2026-11-25T08:00:00.000Z","v":0}`,
  ],
  [
    'winston',
    `{"level":"error","message":"late","stack":"${STACK}","code":"ETIMEDOUT","timestamp":"2026-11-25T08:00:00.000Z"}`,
  ],
  [
    'a nested cause',
    `{"severity":"ERROR","@timestamp":"2026-11-25T08:00:00Z","error":{"message":"run failed","cause":{"name":"Error","message":"late","stack":"${STACK}","code":"ETIMEDOUT"}}}`,
  ],
  ['text in a field', `{"lvl":"fatal","ts":1795593600,"error":"${STACK} {\\n  code: 'ETIMEDOUT'\\n}"}`],
])('an error is the same in every form of JSON: %s', (_, text) => {
  const [entry] = read(text);
  expect(entry).toMatchObject({ level: 'error', at: '2026-11-25T08:00:00.000Z' });
  expect(rooted(entry)).toMatchObject({
    message: 'late',
    code: 'ETIMEDOUT',
    frames: [{ file: '/app/src/run.js', line: 3 }],
  });
});

test.each([
  '2026-11-25T08:00:00.000000000Z stderr F ',
  'Nov 25 08:00:00 web-1 node[17]: ',
  '08:00:00 production 41-abc#1 │ ',
  'shop-1  | ',
  '0|shop  | ',
  '2026-11-25T08:00:00+00:00 app[web.1]: ',
  '\u001b[31m',
])('what carries a line is not part of it: %j', (carrier) => {
  const entries = read(`${carrier}Error: connect ECONNREFUSED 127.0.0.1:5432\n${carrier}    at x (/app/a.js:1:1)`);
  expect(entries.flatMap(({ chain }) => chain.map(({ code }) => code))).toContain('ECONNREFUSED');
});

test('lines of two instances that alternate are two traces', () => {
  const line = (instance: number, text: string): string =>
    JSON.stringify({ at: '2026-11-25T08:00:00.000Z', instance, stream: 'err', line: text });
  const entries = read(
    [
      line(0, 'TypeError: a is not a function'),
      line(1, 'Error: listen EADDRINUSE: :::3000'),
      line(0, '    at a (/app/a.js:1:2)'),
      line(1, '    at b (/app/b.js:3:4)'),
    ].join('\n'),
  );
  expect(entries.map(({ instance, chain }) => [instance, chain[0]?.frames[0]?.file])).toEqual([
    [0, '/app/a.js'],
    [1, '/app/b.js'],
  ]);
});
