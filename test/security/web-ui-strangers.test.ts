/** What a stranger's request costs the gate, which carries every call to Temporal beside it. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Sessions } from '../../embedded/gate/sessions';
import { createWebUi } from '../../embedded/gate/web-ui';

const ACCOUNT = 1_000;
const sessions = new Sessions();
let looks = 0;
let server: http.Server;
let port: number;
beforeAll(async () => {
  const accountOf = (): number => {
    looks += 1;
    return ACCOUNT;
  };
  server = createWebUi({ inner: { host: '127.0.0.1', grpc: 1, ui: 1 }, sessions, accountOf });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

function ask(path: string, headers: http.OutgoingHttpHeaders = {}): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response);
    });
    request.on('error', reject);
  });
}

test('without a cookie or a ticket of ours the connections of the machine are not looked through', async () => {
  const asked = await Promise.all([
    ask('/'),
    ask('/', { cookie: `mvca-ui-${port}=${'x'.repeat(43)}` }),
    ask('/mvca/login?ticket=guessed'),
    ask('/mvca/login'),
  ]);
  expect(asked.map(({ statusCode }) => statusCode)).toEqual([401, 401, 403, 403]);
  expect(looks).toBe(0);
});

test('with one of ours they are, and it counts for its own account only', async () => {
  const theirs = sessions.ticket({ page: '/x', accounts: [ACCOUNT + 1] });
  expect((await ask(theirs.path)).statusCode).toBe(403);
  const own = sessions.ticket({ page: '/x', accounts: [ACCOUNT] });
  const { statusCode, headers } = await ask(own.path);
  expect([statusCode, headers.location]).toEqual([303, '/x']);
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  expect((await ask('/', { cookie })).statusCode).toBe(502); // let through, and nobody is behind
  expect(looks).toBe(3);
});
