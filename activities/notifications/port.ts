/** Tells people elsewhere what happened. */
import type { NotifyRequest } from '../record-query';

export type Message = Pick<NotifyRequest, 'app' | 'event' | 'text' | 'facts'>;

/** One kind of notifier: how a message looks when it is posted. Pure. */
export interface NotifierKind {
  readonly body: (message: Message) => unknown;
}
