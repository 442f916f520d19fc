/** Connections to Temporal whose calls come to an end when they are closed. */
import { InterceptingCall, Metadata, status, type Interceptor } from '@grpc/grpc-js';
import {
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';

/**
 * Connects. After `close`, a call that was to be repeated ends with the status CANCELLED: the SDK repeats calls by timers, and there the
 * error that gRPC throws for a closed channel would end the process.
 */
export function connectTemporal(options: Omit<ConnectionOptions, 'interceptors'>): Promise<Connection> {
  const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endsOnceClosed];
  // eslint-disable-next-line no-restricted-syntax -- the one place that may
  return Connection.connect({ ...options, interceptors });
}

/** The last before the channel. */
const endsOnceClosed: Interceptor = (options, nextCall) => {
  try {
    return new InterceptingCall(nextCall(options));
  } catch {
    return new InterceptingCall(CLOSED);
  }
};

const nothing = (): void => undefined;

const CLOSED: ConstructorParameters<typeof InterceptingCall>[0] = {
  start: (_metadata, listener) => {
    listener?.onReceiveMessage?.(null);
    const details = 'the connection is closed';
    setImmediate(() => listener?.onReceiveStatus?.({ code: status.CANCELLED, details, metadata: new Metadata() }));
  },
  sendMessage: nothing,
  sendMessageWithContext: nothing,
  halfClose: nothing,
  startRead: nothing,
  cancelWithStatus: nothing,
  getPeer: () => '',
  getAuthContext: () => null,
};
