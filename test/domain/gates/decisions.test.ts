import { explainDatabaseError } from '../../../domain/gates/database-error';
import { mismatch } from '../../../domain/gates/expectation';
import { requiredFindings, secretFindings } from '../../../domain/gates/required';
import { exitsAgain, notHealthy } from '../../../domain/gates/start-failure';
import { testFinding } from '../../../domain/gates/test-verdict';
import { formProblem } from '../../../domain/gates/variable-forms';
import type { InstanceStatus } from '../../../domain/host/runner';
import type { VariableForm } from '../../../domain/spec/spec';
import { environmentSpec } from '../../support/specs';

describe('A value has its form', () => {
  test.each<[VariableForm, string[], string[]]>([
    ['text', ['x', ' '], ['']],
    ['port', ['1', '80', '65535'], ['0', '65536', '080', '8o', '', '-1', '1e3']],
    ['number', ['0', '-1.5', '1e3', '.5', '5.'], ['', 'x', '1,5', 'NaN', '.']],
    ['boolean', ['true', 'FALSE', '1', '0', 'yes', 'off'], ['', 'maybe', '2']],
    [
      'url',
      ['https://example.com/x', 'postgres://u:p@h/d', 'file:///x'],
      ['', 'example.com', 'http://', ' https://example.com'],
    ],
    ['email', ['ana@example.com'], ['ana', 'ana@example', 'a b@example.com']],
    ['json', ['{}', '1', '"x"'], ['', '{', "{'a':1}"]],
  ])('%s', (form, right, wrong) => {
    for (const value of right) expect([value, formProblem(form, value)]).toEqual([value, null]);
    for (const value of wrong) expect([value, formProblem(form, value)]).toEqual([value, expect.any(String)]);
  });
});

describe('Required variables', () => {
  const SECRET = 'correct horse battery';
  const environment = environmentSpec({
    variables: { LOG_LEVEL: 'info', WORKERS: 'many', EMPTY: '' },
    secrets: { KEY: 'secret://file/shop/production/KEY', GONE: 'secret://env/GONE' },
    requires: [
      { name: 'LOG_LEVEL', form: 'text' },
      { name: 'WORKERS', form: 'number' },
      { name: 'EMPTY', form: 'text' },
      { name: 'KEY', form: 'port' },
      { name: 'GONE', form: 'text' },
      { name: 'MISSING', form: 'url' },
      { name: 'PORT', form: 'port' },
      { name: 'constructor', form: 'text' },
    ],
  });
  const facts = {
    app: 'shop',
    environment,
    secrets: {
      KEY: { kind: 'resolved' as const, value: SECRET },
      GONE: { kind: 'missing' as const, problem: 'GONE is not set' },
    },
  };

  test('are present and of their form, or it is said what to do', () => {
    const found = Object.fromEntries(requiredFindings(facts).map(({ id, verdict, remedy }) => [id, [verdict, remedy]]));
    expect(found['variable/LOG_LEVEL']).toEqual(['passed', null]);
    expect(found['variable/WORKERS']).toEqual(['refused', 'correct it in `environments.production.variables`']);
    expect(found['variable/KEY']).toEqual(['refused', 'mvca secrets set shop production KEY']);
    expect(found['variable/GONE']).toEqual([
      'refused',
      expect.stringContaining('set GONE in the environment of the worker'),
    ]);
    expect(found['variable/MISSING']).toEqual([
      'refused',
      expect.stringMatching(/^mvca secrets set shop production MISSING/),
    ]);
    expect(found['variable/EMPTY']?.[0]).toBe('refused');
    expect(found['variable/PORT']).toEqual(['passed', null]);
    expect(found['variable/constructor']?.[0]).toBe('refused');
  });

  test('never show the value of a secret', () => {
    const all = JSON.stringify([...requiredFindings(facts), ...secretFindings(facts)]);
    expect(all).not.toContain(SECRET);
    expect(all).toContain('\\"many\\" is not a number');
  });
});

describe('A database that cannot be reached', () => {
  const place = { host: 'db.example.com', port: 5432, user: 'shop', database: 'shop_prod' };
  test.each([
    ['ENOTFOUND', 'no host called db.example.com'],
    ['ECONNREFUSED', 'nothing listens on db.example.com:5432'],
    ['28P01', 'refuses the password of user shop'],
    ['3D000', 'no database called shop_prod'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'no TLS connection'],
    ['ETIMEDOUT', 'does not answer in time'],
  ])('by %s', (code, words) => {
    expect(explainDatabaseError({ code, message: 'said by the driver' }, place)).toEqual({
      message: expect.stringContaining(words),
      remedy: expect.any(String),
    });
  });

  test('for a reason that is not known says what the driver said', () => {
    expect(explainDatabaseError({ code: 'XX000', message: 'odd' }, place).message).toContain('odd');
    expect(explainDatabaseError({ code: null, message: 'timeout expired' }, place).message).toContain('in time');
    expect(
      explainDatabaseError({ code: null, message: 'The server does not support SSL connections' }, place).message,
    ).toContain('TLS');
  });
});

describe('An answer', () => {
  const expected = { status: [200], contains: 'tea', type: 'text/html', header: { 'cache-control': 'no-store' } };
  const answer = {
    status: 200,
    headers: { 'content-type': 'Text/HTML; charset=utf-8', 'cache-control': 'private, no-store' },
    body: 'The tea shop',
  };
  test('as expected is right', () => expect(mismatch(expected, answer)).toBeNull());
  test.each([
    [
      { status: 302, headers: { location: '/login' } },
      'answered 302 (to /login; redirects are not followed), expected 200',
    ],
    [{ status: 503 }, 'answered 503, expected 200'],
    [{ headers: {} }, 'with the type (none), expected text/html'],
    [{ headers: { 'content-type': 'text/html' } }, 'without the header cache-control'],
    [
      { headers: { 'content-type': 'text/html', 'cache-control': 'public' } },
      'cache-control: public, expected "no-store" in it',
    ],
    [{ body: 'Loading…' }, 'without "tea" in it; it begins: "Loading…"'],
  ])('that differs by %j says how', (change, words) => {
    expect(mismatch(expected, { ...answer, ...(change as object) })).toContain(words);
  });
});

describe('A start that fails', () => {
  const facts = {
    instance: 1,
    host: '127.0.0.1',
    port: 4001,
    path: '/healthz',
    seen: 'refused the connection',
    code: 'ECONNREFUSED',
    listening: [],
  };
  test('tells where the application listens', () => {
    expect(notHealthy(facts).message).toBe('instance 1 runs and listens on no port; it was told 4001');
    expect(notHealthy({ ...facts, listening: [3000] }).message).toContain('listens on port 3000, and not on 4001');
    expect(notHealthy({ ...facts, listening: [4001] }).message).toContain('not on the address 127.0.0.1');
    expect(notHealthy({ ...facts, listening: null }).message).toContain('refused the connection');
    expect(notHealthy({ ...facts, code: null, seen: 'answered 302' }).message).toBe(
      'instance 1 answered 302 to GET /healthz on port 4001',
    );
  });

  const status: InstanceStatus = {
    instance: 0,
    state: 'backing-off',
    pid: null,
    port: 4001,
    restarts: 3,
    startedAt: null,
    lastExit: { code: 1, signal: null, at: 0 },
    cpu: null,
    memoryBytes: null,
  };
  test('by exits is told from those of an earlier life', () => {
    expect(exitsAgain([status], new Map())).toBe('instance 0 exited with code 1 and was started again 3 times');
    expect(exitsAgain([status], new Map([[0, 3]]))).toBeNull();
    const lastExit = { code: 0, signal: null, at: 0, left: 'a process (node, pid 7)' };
    expect(exitsAgain([{ ...status, lastExit }], new Map())).toMatch(
      /ends and leaves a process \(node, pid 7\) behind.*foreground/,
    );
    expect(exitsAgain([{ ...status, restarts: 1 }], new Map())).toBeNull();
    expect(exitsAgain([{ ...status, lastExit: { code: null, signal: 'SIGSEGV', at: 0 } }], new Map())).toContain(
      'by SIGSEGV',
    );
  });
});

describe('A run of tests', () => {
  const end = {
    end: 'exited' as const,
    code: 0,
    signal: null,
    seconds: 1.25,
    tail: ['fine', 'Error: no'],
    error: null,
  };
  const run = {
    id: 'unit',
    argv: ['npm', 'test'],
    result: end,
    count: { runners: ['jest'], executed: 12, failed: 0 },
    log: '/logs/unit.log',
  };
  test('means what it did', () => {
    expect(testFinding(run)).toMatchObject({ verdict: 'passed', message: '`npm test` passed 12 tests (jest)' });
    expect(testFinding({ ...run, count: { ...run.count, executed: 0 } })).toMatchObject({ verdict: 'inconclusive' });
    const broken = { runners: ['vitest'], executed: 0, failed: 0, failedFiles: 1 };
    expect(testFinding({ ...run, result: { ...end, code: 1 }, count: broken })).toMatchObject({
      verdict: 'refused',
      message:
        '`npm test` exited with code 1 after 1.3 s: 1 test file failed before a test was executed (vitest)\n  Error: no',
    });
    expect(testFinding({ ...run, count: broken })).toMatchObject({ verdict: 'inconclusive' });
    expect(testFinding({ ...run, count: null })).toMatchObject({
      verdict: 'passed',
      message: expect.stringContaining('exit code alone'),
    });
    const failed = testFinding({
      ...run,
      result: { ...end, code: 1 },
      count: { runners: ['jest'], executed: 12, failed: 2 },
    });
    expect(failed).toMatchObject({
      verdict: 'refused',
      message: '`npm test` exited with code 1 after 1.3 s: 2 of 12 tests failed (jest)\n  Error: no',
    });
    expect(testFinding({ ...run, result: { ...end, end: 'timed-out', code: null } }).message).toContain(
      'was still running',
    );
    const missing = { ...end, end: 'not-started' as const, error: 'there is no program `x` on the PATH' };
    expect(testFinding({ ...run, result: missing, count: null })).toMatchObject({
      verdict: 'refused',
      message: expect.stringContaining('no program'),
    });
  });
});
