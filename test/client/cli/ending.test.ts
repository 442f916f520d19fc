import { CommanderError } from 'commander';
import { hints, outcomeObject } from '../../../client/cli/ending';
import { EXIT_OF_OUTCOME } from '../../../client/cli/exit-codes';
import { endingOf, Halt } from '../../../client/cli/halt';
import { rowLines } from '../../../client/cli/commands/list';
import { readPlace } from '../../../client/cli/secret-place';
import { lineText } from '../../../client/cli/line';
import { AlreadyRunning, EngineUnreachable, NoDeployment, Refused } from '../../../client/errors';
import { EngineRefusal } from '../../../embedded';
import { deploymentStatus } from '../../support/statuses';

test('every outcome has its exit code', () => {
  expect(EXIT_OF_OUTCOME).toEqual({ succeeded: 0, rejected: 3, 'rolled-back': 4, 'rollback-failed': 5 });
});

test.each([
  [new Halt('wrong'), 2, 'wrong'],
  [new Halt('gone', 1), 1, 'gone'],
  [new CommanderError(0, 'commander.help', 'help'), 0, null],
  [new CommanderError(1, 'commander.unknownOption', 'x'), 2, null],
  [new EngineUnreachable('not there'), 7, 'not there'],
  [new EngineRefusal('the port is taken'), 7, 'the port is taken'],
  [new AlreadyRunning('shop 1.0.0'), 6, 'shop 1.0.0'],
  [new NoDeployment('none'), 2, 'none'],
  [new Refused('dirty', 'DirtySource'), 2, 'dirty'],
  [new Refused('no such environment', null), 2, 'no such environment'],
  [new Refused('no records', 'RecordsUnavailable'), 1, 'no records'],
  [new Error('outer', { cause: new Error('inner') }), 1, 'inner'],
  ['thrown text', 1, 'thrown text'],
])('%s ends with code %d', (error, exit, message) => {
  expect(endingOf(error)).toEqual({ exit, message });
});

const at = { id: 'deploy/shop', run: 'run-1' };

test('the last JSON line is made of the result', () => {
  const result = {
    outcome: 'succeeded' as const,
    app: 'shop',
    version: '1.1.0',
    reason: null,
    failure: null,
    seconds: 12.5,
    report: '/r',
  };
  expect(outcomeObject(at, { status: deploymentStatus(), state: 'completed' }, result)).toEqual({
    type: 'outcome',
    outcome: 'succeeded',
    app: 'shop',
    version: '1.1.0',
    deployment: 'deploy/shop',
    run: 'run-1',
    seconds: 12.5,
    reason: null,
    report: '/r',
  });
});

test('a run that was cut off has no outcome, and says who can tell what serves', () => {
  const { outcome, reason, seconds } = outcomeObject(at, { status: deploymentStatus(), state: 'terminated' }, null);
  expect(outcome).toBeNull();
  expect(reason).toContain('was terminated in Temporal before it could end by itself');
  expect(reason).toContain('mvca status shop');
  expect(seconds).toBeGreaterThan(0);
});

test.each([
  ['Unhealthy', 'rolled-back', ['mvca logs shop --environment production --since 10m']],
  ['RecordsUnavailable', 'rejected', ['mvca doctor']],
  ['DirtySource', 'rejected', []],
  [null, 'rollback-failed', ['mvca status shop']],
  ['RehearsalFailed', 'rejected', ['mvca logs shop --environment production --since 10m']],
  [null, 'succeeded', []],
] as const)('after %s and %s it leads on', (failure, outcome, expected) => {
  expect(hints(deploymentStatus({ outcome }), failure)).toEqual(expected);
});

test('past deployments stand in columns, with the first line of their reason', () => {
  const row = {
    deployment: 'deploy/shop',
    run: 'r',
    app: 'shop',
    version: '1.0.0',
    kind: 'deploy' as const,
    requester: 'ana',
    startedAt: '2026-11-23T14:00:00.000Z',
    endedAt: null,
    seconds: 61,
    phase: 'watch' as const,
    environment: 'production' as const,
    outcome: 'succeeded' as const,
    reason: null,
    report: null,
  };
  const view = { environment: 'production' as const, release: '1.0.0-00000001', version: '1.0.0', artifact: '' };
  const rows = [
    { ...row, serving: [{ ...view, weight: 90, measured: 89.4, state: 'running' }] },
    {
      ...row,
      serving: null,
      app: 'a',
      version: '',
      kind: 'rollback' as const,
      outcome: null,
      seconds: null,
      reason: 'one:\n  two',
    },
  ];
  expect(rowLines(rows).map(lineText)).toEqual([
    '2026-11-23 14:00:00 UTC  shop  1.0.0      succeeded    1 min 1 s  ana',
    '  production 1.0.0 (1.0.0-00000001)   90 % set  89.4 % measured  running',
    '2026-11-23 14:00:00 UTC  a     back to -  runs, watch  -          ana  one: …',
  ]);
});

test('the place of a secret is an environment and a name, or a name alone', () => {
  expect(readPlace('shop', ['production', 'TOKEN'], 'set')).toEqual({
    app: 'shop',
    environment: 'production',
    name: 'TOKEN',
  });
  expect(readPlace('shop', ['HOOK'], 'set')).toEqual({ app: 'shop', environment: '_all', name: 'HOOK' });
});
