const assert = require('node:assert/strict');
const { test } = require('node:test');
const { priceCart } = require('../src/cart');

test('a cart is priced by product and quantity', () => {
  const cart = priceCart([
    { id: 'tea', quantity: 2 },
    { id: 'pot', quantity: 1 },
  ]);
  assert.deepEqual(
    cart.lines.map((line) => line.price),
    [1580, 4900],
  );
  assert.equal(cart.total, 6480);
});

test('an empty cart is refused', () => {
  assert.throws(() => priceCart([]), /at least one item/);
  assert.throws(() => priceCart(undefined), /at least one item/);
});

test('an unknown product is refused by its name', () => {
  assert.throws(() => priceCart([{ id: 'coffee', quantity: 1 }]), /no product `coffee`/);
});

test('a quantity must be a whole number from 1 to 99', () => {
  for (const quantity of [0, -1, 1.5, 100, '2', undefined]) {
    assert.throws(() => priceCart([{ id: 'tea', quantity }]), /whole number from 1 to 99/);
  }
});
