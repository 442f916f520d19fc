const assert = require('node:assert/strict');
const { test } = require('node:test');
const { products } = require('../src/catalogue');
const { euros, homePage } = require('../src/page');

test('the page lists every product with its price', () => {
  const page = homePage(products, '1.0.0');
  for (const product of products) {
    assert.ok(page.includes(product.name));
    assert.ok(page.includes(euros(product.price)));
  }
});

test('the page names the version that made it', () => {
  assert.match(homePage(products, '7.8.9'), /Version 7\.8\.9/);
});

test('cents are shown as euros', () => {
  assert.equal(euros(4900), '49.00 €');
  assert.equal(euros(5), '0.05 €');
});
