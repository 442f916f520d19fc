const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { createServer, fileOf } = require('../server');

const root = mkdtempSync(path.join(os.tmpdir(), 'garden-'));
mkdirSync(path.join(root, 'assets'));
writeFileSync(path.join(root, 'index.html'), '<h1>home</h1>');
writeFileSync(path.join(root, 'assets', 'a.css'), 'plain');
writeFileSync(path.join(root, 'assets', 'a.css.gz'), 'zipped');

const server = createServer(root);
let base;
before(async () => {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(root, { recursive: true });
});

test('the home page is HTML that is asked for again every time', async () => {
  const response = await fetch(base);
  assert.equal(await response.text(), '<h1>home</h1>');
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
});

test('an asset may be kept for ever', async () => {
  const response = await fetch(`${base}/assets/a.css`, { headers: { 'accept-encoding': 'identity' } });
  assert.equal(await response.text(), 'plain');
  assert.match(response.headers.get('cache-control'), /immutable/);
});

test('a compressed copy is sent to those who take it', async () => {
  const response = await fetch(`${base}/assets/a.css`, { method: 'HEAD', headers: { 'accept-encoding': 'gzip' } });
  assert.equal(response.headers.get('content-encoding'), 'gzip');
  assert.equal(response.headers.get('content-length'), '6');
});

test('an unknown page is 404, another method 405', async () => {
  assert.equal((await fetch(`${base}/nowhere.html`)).status, 404);
  assert.equal((await fetch(base, { method: 'POST' })).status, 405);
});

test('nothing outside of the site is served', () => {
  for (const wanted of ['/../package.json', '/%2e%2e/package.json', '/..%2fserver.js', '/%', '/a%00b']) {
    assert.equal(fileOf(root, wanted), null);
  }
});

test('the build makes every page, and assets whose names change with their content', () => {
  const project = path.join(__dirname, '..');
  const out = path.join(root, 'built');
  execFileSync(process.execPath, ['build.js', out], { cwd: project });
  const page = readFileSync(path.join(out, 'index.html'), 'utf8');
  const assets = readdirSync(path.join(out, 'assets'));
  assert.equal(assets.length, 2);
  for (const name of assets) assert.ok(page.includes(`/assets/${name}`));
});
