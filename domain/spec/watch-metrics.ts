/** Objectives from outside: figures of a monitoring system that a watch asks for. */
import { nearestWord } from '../nearest';
import { QUERY_NAMES, unknownIn } from '../metrics/query';
import { listOf, orNull, scalar, section } from './kinds';
import type { WatchMetricSpec } from './spec';
import { duration, isWebUrl, lineText } from './values';
import { secretReference } from './variables';
import { wording } from './wording';
import { trimEnd } from '../trim-end';

const LONGEST_QUERY = 4_000;
const LONGEST_NAME = 60;

const address = scalar({
  expected: 'the URL of a Prometheus without user name, password, ? and #, such as https://prometheus.example.com',
  read: (text) => (isWebUrl(text) && !/[?#]/.test(text) ? trimEnd(text, '/') : null),
  json: { title: 'URL', pattern: '^https?://' },
});

const query = scalar({
  expected: (text) => {
    const [unknown] = unknownIn(text);
    const names = QUERY_NAMES.map((name) => `$${name}`);
    if (unknown === undefined) return `a query of at most ${LONGEST_QUERY} characters`;
    const near = nearestWord(unknown, QUERY_NAMES);
    return `a query with ${names.join(', ')}; nothing is known of $${unknown}${near === null ? '' : `, but of $${near}`}`;
  },
  read: (text) =>
    text.trim() !== '' && text.length <= LONGEST_QUERY && unknownIn(text).length === 0 ? text.trim() : null,
});

const figure = scalar({
  expected: 'a number, such as 0.05 or 1200',
  read: (text) => (/^[+-]?\d+(\.\d+)?(e[+-]?\d{1,2})?$/i.test(text) ? Number(text) : null),
  json: { type: 'number' },
});

const LOOPBACK = /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?(\/|$)/;

const metric = section({
  name: orNull(lineText('a name on one line')).meta({
    description: 'What it is called in reasons and reports; none: the query.',
    examples: ['failed payments'],
  }),
  prometheus: address.meta({
    description: 'Where its query API is, `/api/v1/query` left out.',
    examples: ['http://127.0.0.1:9090'],
  }),
  query: query.meta({
    description:
      'PromQL for one figure: one series, or a scalar. `$RELEASE`, `$APP` and `$ENVIRONMENT` stand for the names of what is watched, `$$` for a dollar.',
    examples: [`'sum(rate(payments_failed_total{release="$RELEASE"}[1m]))'`],
  }),
  max: orNull(figure).meta({ description: 'More is too much.', examples: ['0.05'] }),
  min: orNull(figure).meta({
    description: 'Less is too little; `max`, `min` or both must stand there.',
    examples: ['10'],
  }),
  every: duration(1_000)
    .prefault('10s')
    .meta({
      description: 'How often it is asked for; not more often than Prometheus scrapes.',
      examples: ['30s'],
    }),
  token: orNull(secretReference).meta({
    description: 'A secret that is sent as bearer token; over https, or on this machine.',
    examples: ['secret://file/shop/PROMETHEUS_TOKEN'],
  }),
}).transform(({ name, every, ...given }, context): WatchMetricSpec => {
  const refuse = (key: 'max' | 'token', expected: string): void =>
    void context.issues.push({ code: 'custom', message: wording(expected), input: given[key], path: [key] });
  if (given.max === null && given.min === null) refuse('max', 'a limit: `max`, `min` or both');
  if (given.max !== null && given.min !== null && given.min > given.max)
    refuse('max', 'a number that is not below `min`');
  if (given.token !== null && !given.prometheus.startsWith('https:') && !LOOPBACK.test(given.prometheus))
    refuse('token', 'a URL with https:// beside a token: everybody on the way could read it');
  return { ...given, name: name ?? shortened(given.query), everyMs: every };
});

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= LONGEST_NAME ? line : `${line.slice(0, LONGEST_NAME - 1)}…`;
}

export const metrics = listOf(
  metric,
  'a list of metrics, such as [{ prometheus: http://127.0.0.1:9090, query: up, min: 1 }]',
).meta({
  description:
    'Figures of a Prometheus with their limits. Two readings in a row beyond a limit are unhealthy; without a recent good one of each the watch is inconclusive.',
  examples: [
    `[{ name: failed payments, prometheus: http://127.0.0.1:9090, query: 'sum(rate(failed_total{release="$RELEASE"}[1m]))', max: 0.5 }]`,
  ],
});
