const { createReadStream } = require('node:fs');
const { stat } = require('node:fs/promises');
const http = require('node:http');
const path = require('node:path');

const ROOT = path.join(__dirname, 'dist');
const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };
const ENCODINGS = { br: '.br', gzip: '.gz' };
const version = process.env.APP_VERSION ?? require('./package.json').version;

function createServer(root = ROOT) {
  return http.createServer((request, response) => {
    response.setHeader('x-app-version', version);
    serve(root, request, response).catch((error) => {
      console.error(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
}

async function serve(root, request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/healthz') return end(response, 200, 'ok');
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'only GET and HEAD');
  const file = fileOf(root, pathname);
  if (file === null || !(await isFile(file))) return end(response, 404, 'there is no such page');
  const chosen = await compressedCopy(file, request.headers['accept-encoding'] ?? '');
  response.writeHead(200, {
    'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
    'content-length': (await stat(chosen.file)).size,
    'cache-control': pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    ...(chosen.encoding && { 'content-encoding': chosen.encoding }),
  });
  if (request.method === 'HEAD') return response.end();
  createReadStream(chosen.file).on('error', (error) => response.destroy(error)).pipe(response);
}

/** Null for what lies outside of the site. */
function fileOf(root, pathname) {
  let decoded;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null; // not an encoded path
  }
  const file = path.join(root, decoded.endsWith('/') ? `${decoded}index.html` : decoded);
  return file.startsWith(root + path.sep) && !decoded.includes('\0') ? file : null;
}

async function compressedCopy(file, accepted) {
  for (const [encoding, ending] of Object.entries(ENCODINGS)) {
    if (accepted.includes(encoding) && (await isFile(file + ending))) return { file: file + ending, encoding };
  }
  return { file, encoding: null };
}

const isFile = (file) => stat(file).then((found) => found.isFile(), () => false);

function end(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(text);
}

if (require.main === module) {
  const server = createServer().listen(Number(process.env.PORT ?? 3000), () => {
    console.log(`garden listens on port ${server.address().port}`);
  });
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0));
    setInterval(() => server.closeIdleConnections(), 100).unref();
  });
}

module.exports = { createServer, fileOf };
