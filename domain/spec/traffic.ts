import { orNull, scalar, section, word } from './kinds';
import { duration } from './values';

const LISTEN = /^(?:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/;

const listen = scalar({
  expected: 'an address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or "[::1]:8080"',
  read: (text) => {
    const [, host, digits] = LISTEN.exec(text) ?? [];
    const port = Number(digits);
    if (digits === undefined || port < 1 || port > 65_535) return null;
    return { host: host?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port };
  },
  json: { title: 'address and port', type: ['string', 'integer'] },
});

export const traffic = section({
  kind: word(['router'], 'kind of traffic').meta({ description: 'What carries the traffic.', examples: ['router'] }),
  listen: listen.meta({
    description: 'Where users reach the application. A port alone means 127.0.0.1.',
    examples: ['127.0.0.1:8080'],
  }),
  drain: duration()
    .prefault('30s')
    .meta({
      description: 'How long requests, streams and WebSockets of a release without weight may go on.',
      examples: ['1m'],
    }),
  metrics: orNull(listen).meta({
    description:
      'Where `/metrics` tells monitoring systems the figures of the router and of all instances; none: nowhere. Whoever reaches the address can read them.',
    examples: ['127.0.0.1:9464'],
  }),
})
  .transform(({ drain, ...rest }) => ({ ...rest, drainMs: drain }))
  .meta({ description: 'How users reach the releases.' });
