const assert = require('node:assert/strict');
const { test } = require('node:test');

const base = process.env.BASE_URL;

test('a customer finds a product and prices a cart', async () => {
  const [product] = await (await fetch(`${base}/products`)).json();
  const response = await fetch(`${base}/cart`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ items: [{ id: product.id, quantity: 3 }] }),
  });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).total, product.price * 3);
});
