/** Very many clients that cost little themselves: each a bare socket that sends its next request when the last was answered. */
import net, { type Socket } from 'node:net';

export interface Crowd {
  readonly answered: number;
  readonly byBody: Readonly<Record<string, number>>;
  /** Statuses other than 200, and connections that broke. */
  readonly failed: Readonly<Record<string, number>>;
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n';

/** The server must answer with a Content-Length. */
export function startCrowd(port: number, clients: number): { snapshot(): Crowd; stop(): Promise<Crowd> } {
  const counts = { answered: 0, byBody: {} as Record<string, number>, failed: {} as Record<string, number> };
  let isOn = true;
  const member = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => socket.write(REQUEST));
      let text = '';
      socket.on('data', (data: Buffer) => {
        text += data.toString('latin1');
        const answer = /^HTTP\/1\.1 (\d+) [^]*?content-length: (\d+)\r\n[^]*?\r\n\r\n/i.exec(text);
        if (answer === null || text.length < answer[0].length + Number(answer[2])) return;
        count(answer[1] ?? '', text.slice(answer[0].length));
        text = '';
        if (isOn) socket.write(REQUEST);
        else leave(socket, resolve);
      });
      socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      socket.on('close', () => {
        if (isOn) fail('closed');
        resolve();
      });
    });
  const fail = (what: string): void => void (counts.failed[what] = (counts.failed[what] ?? 0) + 1);
  const count = (status: string, body: string): void => {
    counts.answered += 1;
    counts.byBody[body] = (counts.byBody[body] ?? 0) + 1;
    if (status !== '200') fail(status);
  };
  const members = Array.from({ length: clients }, member);
  const snapshot = (): Crowd => structuredClone(counts);
  return {
    snapshot,
    async stop() {
      isOn = false;
      await Promise.all(members);
      return snapshot();
    },
  };
}

function leave(socket: Socket, then: () => void): void {
  socket.removeAllListeners('close');
  socket.destroy();
  then();
}
