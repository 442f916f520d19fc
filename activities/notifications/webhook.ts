/** `kind: webhook`: our own form, one JSON object. */
import { visible } from '../../domain/visible';
import type { NotifierKind } from './port';

export const webhook: NotifierKind = {
  body: ({ app, event, text, facts }) => ({ format: 1, app, event, text: visible(text), facts }),
};
