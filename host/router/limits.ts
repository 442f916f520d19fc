/** What the router grants to clients and instances. Milliseconds and bytes; production values, smaller ones only in tests. */
export interface RouterLimits {
  /** Request line and headers together; larger ones get 431. Above Node's own 16 KB, so that the instance decides what it takes. */
  readonly headerBytes: number;
  /** The head of an instance's answer; larger ones become 502. */
  readonly answerHeadBytes: number;
  /** Connections of clients at a time; null: as many as the descriptors of the process allow. */
  readonly connections: number | null;
  /** From the first byte of a request to the end of its headers; slower clients get 408. */
  readonly headersMs: number;
  /** How long a client that owes body bytes, or does not read its answer, may make no progress at all. */
  readonly stallMs: number;
  /** How long a client connection may be idle. Longer than the 60 s of usual load balancers, so that they close first. */
  readonly idleMs: number;
  /**
   * How long an instance may take to accept a connection. Longer than 7 s: where its queue is full the kernel drops the attempt, and
   * tries again after 1, 3 and 7 s (tcp(7), `tcp_syn_retries`).
   */
  readonly connectMs: number;
  /** From the last byte of the request to the headers of the answer; then 504. Slow ones are counted long before. */
  readonly answerMs: number;
  /** Longest pause within an answer that is not an event stream. */
  readonly pauseMs: number;
  /**
   * How long the other side may be silent after one side of an upgraded connection, or a client in the middle of its answer, has ended its
   * direction: then it is closed too.
   */
  readonly halfOpenMs: number;
  /** How long a body is still read, and thrown away, of a client that has had its answer and whose connection is to be closed. */
  readonly lingerMs: number;
  /** An unreachable instance is left out for this long, doubled with each failure in a row up to eight times. */
  readonly leftOutMs: number;
  /** How often flights are looked over for slow answers and missed limits. */
  readonly sweepMs: number;
}

export const LIMITS: RouterLimits = {
  headerBytes: 64 * 1024,
  answerHeadBytes: 128 * 1024,
  connections: null,
  headersMs: 15_000,
  stallMs: 60_000,
  idleMs: 75_000,
  connectMs: 10_000,
  answerMs: 300_000,
  pauseMs: 300_000,
  halfOpenMs: 10_000,
  lingerMs: 30_000,
  leftOutMs: 500,
  sweepMs: 100,
};

/** Connections that the kernel keeps waiting; Linux cuts it to `net.core.somaxconn`. */
export const LISTEN_BACKLOG = 4_096;
