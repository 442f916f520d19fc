const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const { after, before, test } = require('node:test');
const { WebSocket } = require('ws');
const { firstId, period } = require('../src/events');
const { createService } = require('../src/service');

const service = createService();
let address;
before(async () => {
  service.server.listen(0, '127.0.0.1');
  await new Promise((resolve) => service.server.once('listening', resolve));
  address = `127.0.0.1:${service.server.address().port}`;
});
after(() => new Promise((resolve) => service.stop(resolve)));

test('the service is healthy once it is warm', async () => {
  assert.equal((await fetch(`http://${address}/healthz`)).status, 503);
  service.becomeReady();
  assert.equal((await fetch(`http://${address}/healthz`)).status, 200);
});

test('events are numbered without a gap, and go on after the last one seen', async () => {
  const response = await fetch(`http://${address}/events?every=5`, { headers: { 'last-event-id': '41' } });
  let text = '';
  for await (const chunk of response.body) {
    text += Buffer.from(chunk);
    if (text.split('\n\n').length > 3) break;
  }
  assert.deepEqual([...text.matchAll(/^id: (\d+)$/gm)].slice(0, 3).map((match) => match[1]), ['42', '43', '44']);
});

test('a WebSocket message comes back as it was sent', async () => {
  const socket = new WebSocket(`ws://${address}/echo`);
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('hello');
  const [data, isBinary] = await new Promise((resolve) => socket.once('message', (...both) => resolve(both)));
  assert.equal(String(data), 'hello');
  assert.equal(isBinary, false);
  socket.close();
  await new Promise((resolve) => socket.once('close', resolve));
});

test('what is uploaded is answered with its length and checksum', async () => {
  const body = Buffer.alloc(300_000, 'abc');
  const response = await fetch(`http://${address}/checksum`, { method: 'POST', body });
  assert.deepEqual(await response.json(), { bytes: 300_000, sha256: createHash('sha256').update(body).digest('hex') });
});

test('numbers that make no sense are replaced', () => {
  assert.equal(firstId(undefined), 1);
  assert.equal(firstId('-3'), 1);
  assert.equal(period('0'), 100);
  assert.equal(period('1'), 5);
});
