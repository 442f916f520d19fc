import { parseSpec } from '../../../domain/spec/parse';

const SMALLEST = `app: shop
environments:
  production:
    platform: { kind: process, start: node server.js }
    traffic: { kind: router, listen: 127.0.0.1:8080 }
`;

test('a header that would break the request is refused, and none is sent where none is named', () => {
  const text = `${SMALLEST}    health: { send: { Content-Length: 5 } }\n`;
  expect(parseSpec(text, 'f')).toMatchObject({
    ok: false,
    problems: [{ expected: expect.stringContaining('a header that a request without a body can carry') }],
  });
  const plain = parseSpec(SMALLEST, 'f');
  expect(plain.ok && plain.spec.environments[0]?.health).not.toHaveProperty('send');
});

test.each(['$INSTANCE', 'web-${VERSION}', 'http://127.0.0.1:$PORT/'])(
  'a name of ours in a variable is warned of, since it stays as it is written: %s',
  (value) => {
    const result = parseSpec(`${SMALLEST}    variables: { WHICH: "${value}" }\n`, 'f');
    expect(result).toMatchObject({
      ok: true,
      warnings: [
        {
          path: 'environments.production.variables.WHICH',
          expected: expect.stringMatching(
            /^no \$.* text exactly as written; the application finds that in (MVCA_INSTANCE|APP_VERSION|PORT),/,
          ),
        },
      ],
    });
  },
);

test('other dollars in variables are no news', () => {
  const result = parseSpec(`${SMALLEST}    variables: { HASH: "$2b$10$PORTAL", COST: "5$" }\n`, 'f');
  expect(result).toMatchObject({ ok: true, warnings: [] });
});
