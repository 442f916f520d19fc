import { mask } from '../../../domain/diagnosis/mask';

test.each([
  ['postgres://app:p@ss/w:rd@db.internal:5432/shop', 'p@ss/w:rd'],
  ['connect to app:hunter2@db.internal:5432/shop', 'hunter2'],
  ['mail to ana.b+shop@example.org bounced', 'ana.b'],
  ['authorization: Bearer abcdef.123456', 'abcdef'],
  ['{"user":"x","password":"hunter2"}', 'hunter2'],
  ['{"user":"x","password":"a \\"quoted\\" one"}', 'quoted'],
  ["{ dbPassword: 'hunter2' }", 'hunter2'],
  ['STRIPE_SECRET_KEY=hunter2 node server.js', 'hunter2'],
  ['API_TOKEN must match ^tok_, got "hunter2"', 'hunter2'],
  ['Unexpected token \'h\', "hunter2" is not valid JSON', 'hunter2'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'eyJ'],
  ['charge with sk_live_51HxYzAbCdEfGh', '51Hx'],
  ['digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', '9f86d0'],
  ['card 4242 4242 4242 4242 declined', '4242'],
  ['call +43 660 123 45 67', '660'],
  ['iban AT61 1904 3002 3457 3201', '1904'],
  ['Key (email)=(bo@example.org) already exists', 'bo@'],
  ['{"remoteAddress":"203.0.113.9"}', '203.0'],
  ['set-cookie: session=abc123; path=/', 'abc123'],
])('what is secret or personal is masked: %s', (text, secret) => {
  expect(mask(text)).not.toContain(secret);
});

test.each([
  'Error: connect ECONNREFUSED 127.0.0.1:5432',
  'password authentication failed for user "app"',
  "Access denied for user 'shop'@'10.0.0.3' (using password: YES)",
  "Cannot find module 'left-pad'",
  '    at list (/app/node_modules/@nestjs/core/router/router-execution-context.js:38:29)',
  'STRIPE_WEBHOOK_SECRET is not set',
  'relation "session_tokens" does not exist',
  'shipping: DOMException [TimeoutError]: The operation was aborted',
  'order 1234567890123 paid',
])('what helps is let stand: %s', (text) => {
  expect(mask(text)).toBe(text);
});
