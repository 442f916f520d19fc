const http = require('node:http');
const { convert } = require('./convert');

const version = process.env.APP_VERSION ?? require('./package.json').version;

const server = http.createServer((request, response) => {
  const { status, body } = answer(new URL(request.url, 'http://localhost'));
  response.writeHead(status, { 'content-type': 'application/json', 'x-app-version': version });
  response.end(JSON.stringify(body));
});

function answer(url) {
  if (url.pathname === '/healthz') return { status: 200, body: { status: 'ok' } };
  if (url.pathname === '/') return { status: 200, body: { service: 'temperatures', version } };
  if (url.pathname !== '/convert') return { status: 404, body: { error: `there is no ${url.pathname}` } };
  const converted = convert(url.searchParams.get('celsius'));
  if (converted === null) return { status: 400, body: { error: '`celsius` must be a number from -273.15 on' } };
  return { status: 200, body: converted };
}

server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`temperatures listens on port ${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), 100).unref();
});
