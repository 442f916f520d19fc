const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { createApp } = require('../src/app');

let server;
let base;
before(async () => {
  server = createApp().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

const post = (path, body) =>
  fetch(base + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test('the health page answers 200', async () => {
  const response = await fetch(`${base}/healthz`);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { status: 'ok' });
});

test('every answer names the version', async () => {
  const response = await fetch(base);
  assert.equal(response.headers.get('x-app-version'), require('../package.json').version);
  assert.match(await response.text(), /The tea shop/);
});

test('the products are JSON', async () => {
  const products = await (await fetch(`${base}/products`)).json();
  assert.equal(products.length, 4);
});

test('a cart is answered with its total, a wrong one with 400', async () => {
  assert.equal((await (await post('/cart', { items: [{ id: 'cup', quantity: 2 }] })).json()).total, 2900);
  assert.equal((await post('/cart', { items: [{ id: 'car', quantity: 2 }] })).status, 400);
  assert.equal((await post('/cart', {})).status, 400);
});

test('the stylesheet is served', async () => {
  const response = await fetch(`${base}/assets/shop.css`);
  assert.equal(response.headers.get('content-type'), 'text/css; charset=utf-8');
});

test('an unknown page is 404', async () => {
  assert.equal((await fetch(`${base}/nowhere`)).status, 404);
});
