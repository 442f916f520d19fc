/** JSON over HTTP/1.1 on a Unix socket of mode 0600: how our processes on one machine talk to each other. */
import { chmod, rm } from 'node:fs/promises';
import http from 'node:http';

const BODY_LIMIT = 4 * 1024 * 1024;
/** Of an answer: a router's state with the figures of thousands of routes is a few megabytes. */
const ANSWER_LIMIT = 32 * 1024 * 1024;

/** A refusal that the other side should read: becomes `{ "error": message }` with that status. */
export class AdminRefusal extends Error {
  override readonly name = 'AdminRefusal';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface AdminRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
}

/** Answers with what `answer` returns, as JSON. A dead process's socket file is replaced: hold a lock before you listen. */
export async function serveAdmin(
  socket: string,
  answer: (request: AdminRequest) => Promise<unknown>,
): Promise<http.Server> {
  await rm(socket, { force: true });
  const server = http.createServer((request, response) => {
    void handle(request, answer).then(({ status, value }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value ?? null));
    });
  });
  const umask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, resolve);
    });
  } finally {
    process.umask(umask);
  }
  await chmod(socket, 0o600);
  return server;
}

export interface AdminOptions {
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/**
 * Asks the process behind `socket`.
 * @throws AdminRefusal when it refuses; an Error with `code` (`ENOENT`, `ECONNREFUSED`, `ETIMEDOUT`) when it is not there, or does not come to
 *   an end in time; an Error when it answers too much, or no JSON.
 */
export async function askAdmin<T>(
  socket: string,
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  { body, timeoutMs = 5_000 }: AdminOptions = {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const request = http.request({ socketPath: socket, method, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > ANSWER_LIMIT) request.destroy(new Error(`${socket} answers more than ${ANSWER_LIMIT} bytes`));
      });
      response.on('error', reject);
      response.on('end', () => {
        try {
          const value = JSON.parse(Buffer.concat(chunks).toString('utf8')) as T & { error?: string };
          if ((response.statusCode ?? 500) >= 400) {
            reject(new AdminRefusal(response.statusCode ?? 500, value?.error ?? `answered ${response.statusCode}`));
          } else resolve(value);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    // From first to last: one that says a byte a second is not waited for either.
    const timer = setTimeout(() => {
      request.destroy(
        Object.assign(new Error(`${socket} did not answer within ${timeoutMs} ms`), { code: 'ETIMEDOUT' }),
      );
    }, timeoutMs);
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
    if (body !== undefined) request.setHeader('content-type', 'application/json');
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function handle(
  request: http.IncomingMessage,
  answer: (request: AdminRequest) => Promise<unknown>,
): Promise<{ status: number; value: unknown }> {
  try {
    const body = await readBody(request);
    const url = new URL(request.url ?? '/', 'http://admin');
    return { status: 200, value: await answer({ method: request.method ?? 'GET', url, body }) };
  } catch (error) {
    if (error instanceof AdminRefusal) return { status: error.status, value: { error: error.message } };
    return { status: 500, value: { error: error instanceof Error ? error.message : String(error) } };
  }
}

async function readBody(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new AdminRefusal(413, `the body is larger than ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new AdminRefusal(400, 'the body is not JSON');
  }
}
