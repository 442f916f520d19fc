const { createHash } = require('node:crypto');
const http = require('node:http');
const { pipeline } = require('node:stream/promises');
const { WebSocketServer } = require('ws');
const { openStream } = require('./events');

const version = process.env.APP_VERSION ?? require('../package.json').version;

/** Not listening yet, and not ready before `becomeReady`. */
function createService() {
  let ready = false;
  const streams = new Set();
  const sockets = new WebSocketServer({ noServer: true });
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    response.setHeader('x-app-version', version);
    if (url.pathname === '/healthz') return json(response, ready ? 200 : 503, { status: ready ? 'ok' : 'warming up' });
    if (url.pathname === '/') return json(response, 200, { service: 'ticker', version });
    if (url.pathname === '/events') return openStream(url, request, response, streams);
    if (url.pathname === '/checksum') return answerChecksum(request, response);
    json(response, 404, { error: `there is no ${url.pathname}` });
  });

  server.on('upgrade', (request, socket, head) => {
    if (new URL(request.url, 'http://localhost').pathname !== '/echo') return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (connection) => {
      connection.on('message', (data, isBinary) => connection.send(data, { binary: isBinary }));
      connection.on('error', () => connection.terminate());
    });
  });

  function stop(done) {
    for (const stream of streams) stream.end();
    for (const connection of sockets.clients) connection.close(1001, 'the service stops');
    if (!server.listening) return done();
    server.close(done);
    setInterval(() => server.closeIdleConnections(), 100).unref();
  }

  return { server, stop, becomeReady: () => (ready = true) };
}

async function answerChecksum(request, response) {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk) => (bytes += chunk.length));
  try {
    await pipeline(request, hash);
    json(response, 200, { bytes, sha256: hash.digest('hex') });
  } catch {
    response.destroy(); // the sender went away
  }
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

module.exports = { createService };
