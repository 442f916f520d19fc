import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createReleaseGates } from '../../../activities/gates';
import type { Finding, GateResult } from '../../../domain/gates/gate';
import type { EnvironmentSpec } from '../../../domain/spec/spec';
import { builderAt } from '../../support/builder';
import { inActivity } from '../../support/in-activity';
import { startPostgres, type TestPostgres } from '../../support/postgres';
import { removeScratch } from '../../support/scratch';
import { knowing } from '../../support/secrets';
import { environmentSpec } from '../../support/specs';
import { toThisProcess } from '../../support/this-process';

const SECRETS: Record<string, string> = { 'secret://file/shop/production/KEY': 'value-of-the-key' };
let postgres: TestPostgres;
const closing: (() => void)[] = [];
jest.setTimeout(360_000);

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  for (const close of closing) close();
  await postgres.stop();
  removeScratch();
});

const secrets = knowing((reference) => SECRETS[reference]);

async function check(change: Partial<EnvironmentSpec>, node = 'v22.5.0'): Promise<GateResult> {
  const gates = createReleaseGates({ workshop: builderAt().workshop, connectTo: toThisProcess, secrets, node });
  return inActivity(() =>
    gates.checkEnvironment({ app: 'shop', environment: environmentSpec({ secrets: {}, ...change }) }),
  );
}
const only = ({ findings }: GateResult): Finding => {
  expect(findings).toHaveLength(1);
  return findings[0] as Finding;
};

async function listen(server: net.Server): Promise<number> {
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('An environment that asks for nothing passes', async () => {
  expect(await check({})).toMatchObject({ gate: 'environment', verdict: 'passed', findings: [] });
});

test('Secrets are resolved, and one that is missing comes with the command that sets it', async () => {
  const result = await check({
    secrets: { KEY: 'secret://file/shop/production/KEY', GONE: 'secret://file/shop/production/GONE' },
    requires: [{ name: 'KEY', form: 'number' }],
  });
  expect(result.verdict).toBe('refused');
  const gone = result.findings.find(({ id }) => id === 'secret/GONE');
  expect(gone).toMatchObject({ verdict: 'refused', remedy: 'mvca secrets set shop production GONE' });
  expect(JSON.stringify(result)).not.toContain('value-of-the-key');
});

describe('Node', () => {
  const platform = (node: string) => ({ platform: { ...environmentSpec().platform, node } });
  test.each([
    ['>=22', 'passed'],
    ['^20', 'refused'],
    ['--', 'inconclusive'],
  ])('in the range %s is %s', async (range, verdict) => {
    expect(only(await check(platform(range)))).toMatchObject({ id: 'node', verdict });
  });
});

describe('A database', () => {
  const url = (text: string, change: Partial<EnvironmentSpec> = {}) =>
    check({ databases: { main: { kind: 'url', url: text } }, ...change });
  const at = (change: Partial<Record<'user' | 'password' | 'host' | 'database' | 'port', string>>) => {
    const parts = {
      host: postgres.host,
      port: String(postgres.port),
      user: postgres.user,
      password: '$PASSWORD',
      database: postgres.database,
      ...change,
    };
    return check({ variables: { PASSWORD: postgres.password }, databases: { main: { kind: 'parts', ...parts } } });
  };

  test('is reached by its URL, by a URL with a password put in, and by parts', async () => {
    const whole = await url('$DATABASE_URL', { variables: { DATABASE_URL: postgres.url } });
    expect(only(whole)).toMatchObject({
      id: 'database/main',
      verdict: 'passed',
      message: expect.stringContaining(`app@127.0.0.1:${postgres.port}/app`),
    });
    const place = `postgres://app:$PASSWORD@127.0.0.1:${postgres.port}/app`;
    expect(only(await url(place, { variables: { PASSWORD: postgres.password } })).verdict).toBe('passed');
    expect(only(await at({})).verdict).toBe('passed');
  });

  test.each([
    [{ password: 'wrong password' }, 'refuses the password of user app'],
    [{ user: 'nobody' }, 'refuses the password of user nobody'],
    [{ database: 'shopp' }, 'no database called shopp'],
    [{ host: 'db.invalid' }, 'no host called db.invalid'],
    [{ port: '1' }, 'nothing listens on 127.0.0.1:1'],
    [{ port: 'x' }, 'its port is not from 1 to 65535'],
    [{ password: '$MISSING' }, 'no value for $MISSING'],
  ])('with %j says what is wrong', async (change, words) => {
    const finding = only(await at(change));
    expect(finding).toMatchObject({
      verdict: 'refused',
      message: expect.stringContaining(words),
      remedy: expect.any(String),
    });
    expect(JSON.stringify(finding)).not.toMatch(/wrong password|p@ss/);
  });

  test('without TLS, where TLS is asked for, says so', async () => {
    expect(only(await url('$U', { variables: { U: `${postgres.url}?sslmode=require` } })).message).toContain(
      'no TLS connection',
    );
  });

  test('that takes the connection and is silent is given up', async () => {
    const port = await listen(net.createServer((socket) => closing.push(() => socket.destroy())));
    expect(only(await url(`postgres://app@127.0.0.1:${port}/app`)).message).toContain('does not answer in time');
  });

  test('of another kind is inconclusive, and what is no URL is refused', async () => {
    expect(only(await url('mysql://app@127.0.0.1/app')).verdict).toBe('inconclusive');
    const broken = only(await url('$U', { variables: { U: 'value-without-scheme' } }));
    expect(broken).toMatchObject({ verdict: 'refused' });
    expect(broken.message).not.toContain('value-without-scheme');
  });
});

describe('A service', () => {
  const service = (address: string) => check({ services: { payments: address } });
  test.each([
    [204, 'passed'],
    [302, 'passed'],
    [404, 'passed'],
    [503, 'refused'],
  ])('that answers %s is %s', async (status, verdict) => {
    const port = await listen(
      http.createServer((_request, response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end()),
    );
    expect(only(await service(`http://127.0.0.1:${port}/health`))).toMatchObject({ id: 'service/payments', verdict });
  });

  test('that is not there, or is no web address, is refused', async () => {
    expect(only(await service('http://127.0.0.1:1/'))).toMatchObject({
      verdict: 'refused',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(only(await service('http://payments.invalid/')).message).toContain('no such host');
    expect(only(await service('file:///etc/passwd')).message).toContain('neither http: nor https:');
  });
});
