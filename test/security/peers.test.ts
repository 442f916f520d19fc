/** What broke in other deployment tools, class by class: each is tried on this one, by the tests that are named here. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSpec } from '../../domain/spec/parse';

const ROOT = path.join(__dirname, '../..');

const CLASSES: Readonly<Record<string, readonly string[]>> = {
  'a shell that runs what was meant as text': ['test/security/peers.test.ts', 'test/domain/command/split.test.ts'],
  'options where operands were meant': [
    'test/security/hostile-source.test.ts',
    'test/security/foreign-repository.test.ts',
  ],
  'what belongs to others': ['test/security/policy.test.ts', 'test/security/secrets-of-others.test.ts'],
  'a stored credential that is sent to a new address': ['test/security/secrets-of-others.test.ts'],
  'approvals that count twice, or for others': ['test/security/signed-approvals.test.ts'],
  'secrets in answers': ['test/security/planted-secret.test.ts'],
  'paths that leave the folder': ['test/security/spec-file.test.ts', 'test/security/hostile-source.test.ts'],
  'archives that write elsewhere': ['test/activities/source/snapshot.test.ts'],
  'addresses that only the server reaches': ['test/security/reached-addresses.test.ts'],
  'an envelope that is believed for its letter': [
    'test/security/engine-access.test.ts',
    'test/security/policy.test.ts',
  ],
  'parsers that are held up': ['test/security/spec-file.test.ts', 'test/security/hostile-output.test.ts'],
  'what a build brings along': ['test/security/build-sandbox.test.ts', 'test/security/edited-build-note.test.ts'],
};

test.each(Object.entries(CLASSES))('%s: the tests are there', (_class, files) => {
  for (const file of files) {
    expect({ file, is: existsSync(path.join(ROOT, file)) }).toEqual({ file, is: true });
    expect(readFileSync(path.join(ROOT, file), 'utf8')).toMatch(/\b(?:test|describe)\b/);
  }
});

describe('no command of a spec becomes the text of a shell', () => {
  const spec = (command: string): string =>
    `app: shop\nenvironments:\n  staging:\n    platform: { kind: process, start: ${JSON.stringify(command)} }\n    traffic: { kind: router, listen: 127.0.0.1:8081 }\n`;
  test.each([
    'node a.js; id',
    'node a.js && id',
    'node $(id)',
    'node `id`',
    'node a.js | sh',
    'node a.js > /etc/x',
    'node a.js\nid',
  ])('%j is refused, or is one argument list without an operator', (command) => {
    const parsed = parseSpec(spec(command), 'deployment.yaml');
    if (!parsed.ok)
      return expect(parsed.problems.map(({ path: at }) => at)).toContain('environments.staging.platform.start');
    // A line break separates arguments, as a blank does.
    return expect(JSON.stringify(parsed.spec)).toContain('"start":["node","a.js","id"]');
  });

  test.each(['shop;id', '-oProxyCommand=id', '$(id)', '`id`', '../shop', 'shop\u0000', 'a\nb', '--upload-pack=id'])(
    'an application is not called %j',
    (app) => {
      expect(parseSpec(spec('node a.js').replace('app: shop', `app: ${JSON.stringify(app)}`), 'f')).toMatchObject({
        ok: false,
      });
    },
  );
});
