/** One gRPC question by hand, since a gRPC client would cost the supervisor more memory than all the rest of it. */
import http2 from 'node:http2';
import { SERVER_NAME } from './access/keys';
import type { Keys } from './access/keys';

const DESCRIBE = '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace';

export interface NamespaceQuestion {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** null: it speaks no TLS. */
  readonly keys: Keys | null;
}

/** Whether a Temporal server serves that namespace (DescribeNamespace answers status 0). Never throws. */
export function servesNamespace({ address, namespace, keys }: NamespaceQuestion, timeoutMs = 2_000): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(address, keys);
    const timer = setTimeout(() => finish(false), timeoutMs);
    const finish = (answer: boolean) => {
      clearTimeout(timer);
      session.destroy();
      resolve(answer);
    };
    session.once('error', () => finish(false));
    const stream = session.request({
      ':method': 'POST',
      ':path': DESCRIBE,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: unknown;
    const note = (headers: http2.IncomingHttpHeaders) => (status = headers['grpc-status'] ?? status);
    stream.on('response', note);
    stream.on('trailers', note);
    stream.once('error', () => finish(false));
    stream.once('close', () => finish(status === '0'));
    stream.resume();
    stream.end(frame(stringField(1, namespace)));
  });
}

function connect(address: string, keys: Keys | null): http2.ClientHttp2Session {
  if (keys === null) return http2.connect(`http://${address}`);
  const { authority, certificate, key } = keys;
  return http2.connect(`https://${address}`, { ca: authority, cert: certificate, key, servername: SERVER_NAME });
}

/** Length-prefixed message, not compressed (gRPC over HTTP/2). */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Protocol buffers: field number and wire type 2, length (below 128 here), bytes. */
function stringField(field: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([(field << 3) | 2, bytes.length]), bytes]);
}
