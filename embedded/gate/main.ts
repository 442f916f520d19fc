/**
 * The gate: in the network namespace of Temporal's development server, which it starts, and the only way to it. It takes connections on
 * the machine's loopback, by sockets that were made outside, and lets in who shows a key of the home. Server and gate end together.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import http from 'node:http';
import type { Server } from 'node:net';
import { AdminRefusal, serveAdmin } from '../../system/admin';
import type { AdminRequest } from '../../system/admin';
import { note, traceOf } from '../../system/note';
import { nameProcess } from '../../system/unit-process';
import { accountsFrom } from './peer-account';
import { Sessions } from './sessions';
import type { GateMessage, GateSettings, GateState, TicketRequest } from './settings';
import { createTunnel } from './tunnel';
import { createWebUi } from './web-ui';

/** The machine's table of connections, opened by the supervisor. */
const CONNECTIONS = 3;
const UI_MS = 2_000;

nameProcess('mvca-gate');
process.umask(0o077);
process.on('SIGHUP', () => undefined); // the terminal that started it is closed: nothing to do with it
process.once('disconnect', () => process.exit(1)); // its supervisor was killed before it had told all

const told: { settings?: GateSettings; grpc?: Server; ui?: Server } = {};
process.on('message', (message: GateMessage, handle?: Server) => {
  if (message.kind === 'settings') told.settings = message.settings;
  else if (handle !== undefined) told[message.kind] = handle;
  const { settings, grpc, ui } = told;
  if (settings === undefined || grpc === undefined || ui === undefined) return;
  process.removeAllListeners('disconnect');
  process.disconnect();
  open(settings, { grpc, ui }).catch((error: unknown) => {
    say(traceOf(error));
    process.exit(1);
  });
});

async function open(settings: GateSettings, listening: { grpc: Server; ui: Server }): Promise<void> {
  const { inner, keys, adminSocket } = settings;
  raiseLoopback(settings);
  startServer(settings);
  const sessions = new Sessions();
  await serveAdmin(adminSocket, (request) => answer(request, { sessions, settings }));
  createTunnel(keys, inner).listen(listening.grpc);
  createWebUi({ inner, sessions, accountOf: accountsFrom(CONNECTIONS) }).listen(listening.ui);
}

function raiseLoopback({ loopback, server }: GateSettings): void {
  const [program, ...args] = loopback ?? [];
  if (program === undefined) return;
  const { status, stderr, error } = spawnSync(program, args, { env: server.env });
  if (status !== 0) throw new Error(`the loopback cannot be brought up: ${error?.message ?? stderr.toString('utf8')}`);
}

function startServer({ server }: GateSettings): void {
  const [program = '', ...args] = server.argv;
  const child: ChildProcess = spawn(program, args, { cwd: '/', env: { ...server.env }, stdio: ['ignore', 1, 2] });
  child.once('error', (error) => {
    say(`${program} cannot be started: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    say(`the server ${signal === null ? `ended with code ${code}` : `was killed by ${signal}`}`);
    process.exit(code ?? 1);
  });
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => void child.kill('SIGTERM'));
}

interface Within {
  readonly sessions: Sessions;
  readonly settings: GateSettings;
}

async function answer({ method, url, body }: AdminRequest, { sessions, settings }: Within): Promise<unknown> {
  switch (`${method} ${url.pathname}`) {
    case 'GET /state':
      return { pid: process.pid, ui: await answers(settings) } satisfies GateState;
    case 'PUT /tickets':
      return sessions.ticket(body as TicketRequest);
    default:
      throw new AdminRefusal(404, `${method} ${url.pathname} is not known: GET /state, PUT /tickets`);
  }
}

/** Whether the Web UI within does. */
function answers({ inner }: GateSettings): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ host: inner.host, port: inner.ui, agent: false, timeout: UI_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

const say = (line: string): void => note(`gate: ${line}`);
