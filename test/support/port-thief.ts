/** Another account's server that takes a port as soon as it is free, answers everything as a healthy release would, and tells what it read. */
import { runAs, type OtherAccount } from './other-account';

const SCRIPT = `
  const [port] = process.argv.slice(1).map(Number);
  const tell = (request) => console.log(
    ['read ' + request.url, request.headers.cookie, request.headers.authorization].filter(Boolean).join(' '));
  const server = require('node:http').createServer((request, response) => {
    tell(request);
    response.end('stolen');
  });
  server.on('upgrade', (request, socket) => {
    tell(request);
    socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nstolen');
  });
  let tries = 0;
  const attempt = () => server.listen(port, process.argv[2] ?? '127.0.0.1');
  server.on('error', () => {
    if ((tries += 1) === 1) console.log('waiting');
    setTimeout(attempt, 1);
  });
  server.on('listening', () => console.log('listening'));
  attempt();`;

/** It says `waiting` while another has the port, `listening` when it has it, and `read /path cookie authorization` of each request. */
export const stealPort = (port: number, on = '127.0.0.1'): OtherAccount => runAs('nobody', SCRIPT, [String(port), on]);
