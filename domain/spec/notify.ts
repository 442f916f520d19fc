import { listOf, scalar, section, word } from './kinds';
import { isWebUrl } from './values';
import { isSecretReference } from './variables';

const url = scalar({
  expected: 'a URL that starts with https:// or http://, or a reference such as secret://file/shop/HOOK',
  read: (text) => (isWebUrl(text) || isSecretReference(text) ? text : null),
  json: { title: 'URL or secret reference', pattern: '^(https?|secret)://' },
});

const notifier = section({
  kind: word(['webhook', 'slack'], 'kind of notifier').meta({
    description: 'The form of the message.',
    examples: ['slack'],
  }),
  url: url.meta({ description: 'Where it is sent.', examples: ['secret://file/shop/HOOK'] }),
});

export const notify = listOf(
  notifier,
  'a list of notifiers, such as [{ kind: webhook, url: secret://file/shop/HOOK }]',
).meta({
  description: 'Who is told. A notifier that fails never fails a deployment.',
  examples: ['[{ kind: webhook, url: secret://file/shop/HOOK }]'],
});
