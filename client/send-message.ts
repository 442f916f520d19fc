/** Sends a person's message to a run and finds the run's own answer to it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { abort, approve, pause, promote, reject, resume, status as statusQuery, waive } from '../workflows/messages';
import type { Abort, Approve, Pause, Promote, Reject, Resume, Waive } from '../workflows/messages';
import type { EngineConnection } from './connection';
import { EngineUnreachable, isNotFound } from './errors';

const ANSWER_MS = 15_000;
const SEND_MS = 5_000;
const POLL_MS = 100;

export interface Answer {
  readonly accepted: boolean;
  /** Why not; or what it counted for. */
  readonly reason: string;
  /** The name was a claim: nobody has an identity. */
  readonly claimed?: boolean;
}

type Sent<M> = Omit<M, 'id'>;
export type Message =
  | ({ readonly kind: 'approve' } & Sent<Approve>)
  | ({ readonly kind: 'reject' } & Sent<Reject>)
  | ({ readonly kind: 'abort' } & Sent<Abort>)
  | ({ readonly kind: 'waive' } & Sent<Waive>)
  | ({ readonly kind: 'pause' } & Sent<Pause>)
  | ({ readonly kind: 'resume' } & Sent<Resume>)
  | ({ readonly kind: 'promote' } & Sent<Promote>);

/**
 * Sends, and waits until the run has decided on it. A run that has ended refuses: that is an answer too.
 * @throws EngineUnreachable when there is no answer within 15 seconds; the message is kept and counts later, which the error says.
 */
export async function sendMessage(
  connection: EngineConnection,
  handle: () => WorkflowHandle,
  message: Message,
): Promise<Answer> {
  const id = randomUUID();
  try {
    await connection.within(SEND_MS, () => signal(handle(), message, id));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { accepted: false, reason: 'the deployment has ended' };
  }
  return findAnswer(connection, handle, id);
}

function signal(handle: WorkflowHandle, message: Message, id: string): Promise<void> {
  switch (message.kind) {
    case 'approve':
      return handle.signal(approve, { ...withoutKind(message), id });
    case 'reject':
      return handle.signal(reject, { ...withoutKind(message), id });
    case 'abort':
      return handle.signal(abort, { ...withoutKind(message), id });
    case 'waive':
      return handle.signal(waive, { ...withoutKind(message), id });
    case 'pause':
      return handle.signal(pause, { ...withoutKind(message), id });
    case 'resume':
      return handle.signal(resume, { ...withoutKind(message), id });
    case 'promote':
      return handle.signal(promote, { ...withoutKind(message), id });
  }
}

export function withoutKind<M extends { readonly kind: string }>({ kind: _kind, ...rest }: M): Omit<M, 'kind'> {
  return rest;
}

async function findAnswer(connection: EngineConnection, handle: () => WorkflowHandle, id: string): Promise<Answer> {
  let lastError: unknown;
  for (const deadline = performance.now() + ANSWER_MS; performance.now() < deadline; await sleep(POLL_MS)) {
    try {
      const { messages, names } = await connection.within(deadline - performance.now(), () =>
        handle().query(statusQuery),
      );
      const answer = messages.find((known) => known.id === id);
      if (answer !== undefined)
        return { accepted: answer.accepted, reason: answer.reason, ...(names === 'claims' && { claimed: true }) };
    } catch (error) {
      if (!(error instanceof EngineUnreachable)) throw error;
      lastError = error;
    }
  }
  throw new EngineUnreachable(
    `the message was sent and is kept, but there was no answer within ${ANSWER_MS / 1000} s; see what became of it with \`mvca status\``,
    { cause: lastError },
  );
}
