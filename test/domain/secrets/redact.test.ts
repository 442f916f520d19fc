import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createRedactor, MASK, redact } from '../../../domain/secrets/redact';

const SECRET = `p4yment "h00k"/+=&%~é'\\`;

const FORMS: readonly (readonly [string, string])[] = [
  ['as it is', SECRET],
  ['in JSON', JSON.stringify({ hook: SECRET })],
  ['in JSON with escaped slashes', JSON.stringify(SECRET).replaceAll('/', '\\/')],
  ['in base64', Buffer.from(SECRET).toString('base64')],
  ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ['in basic authentication', Buffer.from(`ana:${SECRET}`).toString('base64')],
  ['in base64 at the second place', Buffer.from(`a${SECRET}b`).toString('base64')],
  ['in base64 at the third place', Buffer.from(`ab${SECRET}cd`).toString('base64')],
  ['URL-encoded', encodeURIComponent(SECRET)],
  ['URL-encoded in small letters', encodeURIComponent(SECRET).replace(/%../g, (escape) => escape.toLowerCase())],
  ['form-encoded', new URLSearchParams({ hook: SECRET }).toString()],
  ['in a URL', new URL(`https://example.com/?hook=${encodeURIComponent(SECRET)}`).href],
  ['in hexadecimal digits', Buffer.from(SECRET).toString('hex')],
];

const sha256 = (line: number): string => createHash('sha256').update(String(line)).digest('base64');

test.each(FORMS)('a secret is masked %s', (_name, text) => {
  const masked = redact(`before ${text} after`, [SECRET]);
  expect(masked).toContain(MASK);
  expect(masked).toMatch(/^before .* after$/);
  expect(masked).not.toContain('h00k');
});

test('values of fewer than 6 characters stand, so that text stays readable', () => {
  expect(redact('port 8080 is true', ['8080', 'true', ''])).toBe('port 8080 is true');
});

test('of two values of which one begins with the other, both are masked whole', () => {
  expect(redact('secret1 secret12', ['secret1', 'secret12'])).toBe(`${MASK} ${MASK}`);
});

test('each long line of a value of several lines is masked by itself', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n';
  expect(redact('line MIIEvQIBADANBgkqhkiG9w0B.', [key])).toBe(`line ${MASK}.`);
  expect(redact(JSON.stringify({ key }), [key])).toBe(`{"key":"${MASK}"}`);
});

test.each([600, 5_000, 200_000])('a value of %i characters is masked whole, in every line it fills', (length) => {
  const value = Array.from({ length: length / 45 }, (_, line) => sha256(line)).join('\n');
  const redactor = createRedactor([value]);
  expect(redactor(`before ${value} after`)).toBe(`before ${MASK} after`);
  expect(redactor(value.slice(0, 44))).toBe(MASK);
});

test('characters that mean something in a pattern mean themselves', () => {
  expect(redact('a.b*c(d [x] axbxcxd', ['a.b*c(d'])).toBe(`${MASK} [x] axbxcxd`);
});

test('text without secrets is as it was, and no value leaves one as it is', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6, unit: 'binary' }), fc.string(), fc.string(), (secret, before, after) => {
      const redactor = createRedactor([secret]);
      expect(redactor(`${before}${secret}${after}`).split(MASK).join('')).not.toContain(secret);
      expect(createRedactor([])(before)).toBe(before);
    }),
  );
});
