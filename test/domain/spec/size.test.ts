import { parseSpec } from '../../../domain/spec/parse';

describe('what is too large for the history of a deployment is refused, with what would help', () => {
  const tier = (name: string, listen: number, more: string): string =>
    `  ${name}:
    platform: { kind: process, start: node server.js, instances: 64 }
    traffic: { kind: router, listen: 127.0.0.1:${listen} }
${more}`;
  const of = (length: number, strategy: string, unfolded: string): string =>
    `app: shop
environments:
${tier('staging', 8081, `    strategy: ${strategy}\n    variables: { A: &a "${'x'.repeat(length)}" }\n`)}${tier('production', 8080, `    strategy: ${strategy}\n    variables: ${unfolded}\n`)}`;
  const steps = Array.from({ length: 20 }, (_, step) => `${5 * (step + 1)}%`).join(', ');
  const refusals: [string, string, RegExp][] = [
    [
      'many times one text',
      of(30_000, 'blue-green', '{ A: *a, B: *a, C: *a }'),
      /^environments: .*at most 100000 bytes/,
    ],
    [
      'endless texts',
      of(60_000, 'blue-green', `{ ${Array.from({ length: 1_500 }, (_, n) => `V${n}: *a`).join(', ')} }`),
      /^: at most 300000 characters, aliases written out/,
    ],
    ['characters of many bytes', of(1, 'blue-green', `{ B: "${'界'.repeat(40_000)}" }`), /^environments: /],
    [
      'with many shares',
      of(45_000, `{ kind: canary, steps: [${steps}] }`, '{ B: "1" , C: *a }'),
      /^environments.production: .*fewer `strategy.steps`/,
    ],
    ['with many batches', of(14_000, 'rolling', '{ B: *a }'), /^environments.production: .*larger `strategy.batch`/],
  ];
  test.each(refusals)('%s', (_what, text, words) => {
    const result = parseSpec(text, 'deployment.yaml');
    const said = result.ok ? [] : result.problems.map(({ path: at, expected }) => `${at}: ${expected}`);
    expect(said).toEqual([expect.stringMatching(words)]);
  });

  test.each([
    ['90,000 bytes by blue-green', of(45_000, 'blue-green', '{ A: *a }')],
    ['60,000 bytes in 20 shares', of(25_000, `{ kind: canary, steps: [${steps}] }`, '{ A: *a }')],
    ['16,000 bytes in 64 batches', of(8_000, 'rolling', '{ A: *a }')],
  ])('and what is far beyond any need is not: %s', (_what, text) => {
    expect(parseSpec(text, 'deployment.yaml')).toMatchObject({ ok: true });
  });
});
