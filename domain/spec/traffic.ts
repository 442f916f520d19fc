import { listOf, orNull, scalar, section, word } from './kinds';
import { duration, whole } from './values';

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

const NETWORK = /^(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]*:[0-9a-fA-F:.]*)(?:\/(\d{1,3}))?$/;

const network = scalar({
  expected: 'an address or a network of IPv4 or IPv6, such as 127.0.0.1 or 10.0.0.0/8',
  read: (text) => {
    const [address = ''] = text.split('/');
    const prefix = Number(NETWORK.exec(text)?.[1] ?? 0);
    const isWithin = prefix <= (address.includes(':') ? 128 : 32);
    return NETWORK.test(text) && isWithin && isAddress(address) ? text : null;
  },
  json: { title: 'address or network' },
});

/** As URLs are read: 256.1.1.1 and ::1::2 are none. */
function isAddress(text: string): boolean {
  const { hostname } = parsed(`http://${text.includes(':') ? `[${text}]` : text}/`) ?? {};
  return hostname !== undefined && (text.includes(':') || hostname === text);
}

const parsed = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);

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
  trust: listOf(network, 'a list of addresses and networks, such as [127.0.0.1, 10.0.0.0/8]').meta({
    description:
      'Proxies in front of the router that are believed when they say who the client was, by `X-Forwarded-*`, `Forwarded` and `X-Real-IP`. From everybody else these are taken out and set anew. `[]`: nobody is believed.',
    examples: ['[127.0.0.1]'],
  }),
  connections: orNull(whole(1, 1_000_000)).meta({
    description:
      'Connections that one client address may have at a time, those of `trust` excepted; none: as many as it likes until half of what the router can hold is taken, and a sixteenth of that from then on.',
    examples: ['200'],
  }),
})
  .transform(({ drain, trust, connections, ...rest }) => ({
    ...rest,
    ...(trust.length > 0 ? { trust } : {}),
    ...(connections === null ? {} : { connections }),
    drainMs: drain,
  }))
  .meta({ description: 'How users reach the releases.' });
