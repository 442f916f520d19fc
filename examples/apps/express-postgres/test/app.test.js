const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { createApp } = require('../src/app');

const asked = [];
let broken = false;
const database = {
  async query(text, values) {
    if (broken) throw new Error('connect ECONNREFUSED');
    asked.push({ text, values });
    return { rows: values.map((value, index) => ({ id: index + 1, text: value })) };
  },
};

let server;
let base;
before(async () => {
  server = createApp(database).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

const post = (text) =>
  fetch(`${base}/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  });

test('a note goes to the database as a value, never into the statement', async () => {
  const text = "'); drop table notes; --";
  assert.equal((await post(text)).status, 201);
  const { text: statement, values } = asked.at(-1);
  assert.deepEqual(values, [text]);
  assert.ok(!statement.includes('drop'));
});

test('a note without text is refused', async () => {
  assert.equal((await post('')).status, 400);
});

test('without its database the service is not healthy', async () => {
  assert.equal((await fetch(`${base}/healthz`)).status, 200);
  broken = true;
  assert.equal((await fetch(`${base}/healthz`)).status, 503);
  broken = false;
});
