/** Small applications that tests run as releases. */

/** Answers every request with its pid; ends in order on SIGTERM. */
export const SERVER = `
  const http = require('node:http');
  const server = http.createServer((request, response) => response.end(String(process.pid)));
  server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listens'));
  process.once('SIGTERM', () => { console.log('SIGTERM came'); server.close(() => process.exit(0)); server.closeAllConnections(); });
`;

/** As SERVER, and prints a numbered line to both streams every 10 ms. */
export const TALKER = `${SERVER}
  let n = 0;
  setInterval(() => { n += 1; console.log('out ' + n); console.error('err ' + n); }, 10);
`;

/** Takes no notice of SIGTERM, and has a child that takes none either. */
export const STUBBORN = `
  const { spawn } = require('node:child_process');
  process.on('SIGTERM', () => console.log('SIGTERM is not taken notice of'));
  const code = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
  require('node:http').createServer((request, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
  console.log('child ' + child.pid);
`;

export const EXITS = `console.error('there is no UPSTREAM_URL'); process.exit(7);`;

/** Starts its server in a session of its own, as daemons and browsers are. */
export const LEAVES_GROUP = `
  const { spawn } = require('node:child_process');
  const code = "require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1')";
  spawn(process.execPath, ['-e', code], { detached: true, stdio: 'ignore' }).unref();
  setInterval(() => {}, 1000);
`;
