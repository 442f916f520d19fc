/** http-proxy-3 with kept connections, as its documentation sets it up: `rival-proxy.js <listen port> <instance port …>`. */
import http from 'node:http';
import { createProxyServer } from 'http-proxy-3';

const [listen, ...instances] = process.argv.slice(2);
const proxy = createProxyServer({ agent: new http.Agent({ keepAlive: true, maxSockets: Infinity }), xfwd: true });
let turn = 0;
http
  .createServer((request, response) => {
    turn = (turn + 1) % instances.length;
    proxy.web(request, response, { target: `http://127.0.0.1:${instances[turn]}` }, () =>
      response.writeHead(502).end(),
    );
  })
  .listen(Number(listen), '127.0.0.1', 4_096, () => console.log('ready'));
