import { parseSpec } from '../../../domain/spec/parse';

const watching = (metric: string): string => `app: shop
environments:
  staging:
    platform: { kind: process, start: node server.js }
    traffic: { kind: router, listen: 127.0.0.1:8080 }
    watch: { metrics: [${metric}] }
`;

const metricOf = (metric: string) => {
  const parsed = parseSpec(watching(metric), 'deployment.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec.environments[0]?.watch.metrics;
};

const problemsOf = (metric: string): string[] => {
  const parsed = parseSpec(watching(metric), 'deployment.yaml');
  return parsed.ok ? [] : parsed.problems.map(({ path, expected }) => `${path}: ${expected}`);
};

test('a metric has a name, an interval and at least one limit', () => {
  expect(metricOf(`{ prometheus: 'https://p.example.com/base/', query: 'up{release="$RELEASE"}', min: 1 }`)).toEqual([
    {
      name: 'up{release="$RELEASE"}',
      prometheus: 'https://p.example.com/base',
      query: 'up{release="$RELEASE"}',
      max: null,
      min: 1,
      everyMs: 10_000,
      token: null,
    },
  ]);
  const named = `{ name: failures, prometheus: http://127.0.0.1:9090, query: x, min: -1e3, max: 0.5, every: 30s, token: secret://env/TOKEN }`;
  expect(metricOf(named)).toMatchObject([
    { name: 'failures', min: -1_000, max: 0.5, everyMs: 30_000, token: 'secret://env/TOKEN' },
  ]);
});

const AT = 'environments.staging.watch.metrics[0]';

test.each([
  ['{ prometheus: http://p, query: x }', `${AT}.max: a limit: \`max\`, \`min\` or both`],
  ['{ prometheus: http://p, query: x, max: 1, min: 2 }', `${AT}.max: a number that is not below \`min\``],
  ['{ prometheus: http://p, query: x, max: 5% }', `${AT}.max: a number, such as 0.05 or 1200`],
  [
    '{ prometheus: "http://ana:word@p", query: x, max: 1 }',
    `${AT}.prometheus: the URL of a Prometheus without user name`,
  ],
  ['{ prometheus: "http://p?a=b", query: x, max: 1 }', `${AT}.prometheus: the URL of a Prometheus`],
  ['{ prometheus: p:9090, query: x, max: 1 }', `${AT}.prometheus: the URL of a Prometheus`],
  ['{ prometheus: http://p, query: "", max: 1 }', `${AT}.query: a query of at most 4000 characters`],
  [
    `{ prometheus: http://p, query: 'x{r="$RELEAS"}', max: 1 }`,
    `${AT}.query: a query with $RELEASE, $APP, $ENVIRONMENT; nothing is known of $RELEAS, but of $RELEASE`,
  ],
  [`{ prometheus: http://p, query: 'rate(x[$__interval])', max: 1 }`, `nothing is known of $__interval`],
  ['{ prometheus: http://p, query: x, max: 1, every: 500ms }', `${AT}.every: a duration of at least 1s`],
  ['{ prometheus: http://p, query: x, max: 1, token: sesame }', `${AT}.token: a reference to a secret`],
  [
    '{ prometheus: http://p.example.com, query: x, max: 1, token: secret://env/T }',
    `${AT}.token: a URL with https:// beside a token`,
  ],
])('%s is refused', (metric, expected) => {
  expect(problemsOf(metric).join('\n')).toContain(expected);
});
