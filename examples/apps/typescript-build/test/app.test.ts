import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../src/app.js';
import { find } from '../src/links.js';

const links = { home: 'https://example.com/' };
const app = createApp(links, '1.2.3');

test('a link leads to its target', async () => {
  const response = await app.request('/home');
  assert.equal(response.status, 302);
  assert.equal(response.headers.get('location'), 'https://example.com/');
});

test('an unknown link is 404', async () => {
  assert.equal((await app.request('/work')).status, 404);
});

test('names are found however they are written, and only those that are there', () => {
  assert.equal(find(links, ' HOME'), links.home);
  assert.equal(find(links, 'constructor'), undefined);
});

test('the service is healthy and names its version', async () => {
  const response = await app.request('/healthz');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('x-app-version'), '1.2.3');
});
