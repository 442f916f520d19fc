import type { FailureType } from '../../../domain/failures';
import { lastRollback, rollbackWords, type PastDeployment } from '../../../domain/plan/past';

const past = (change: Partial<PastDeployment> = {}): PastDeployment => ({
  kind: 'deploy',
  version: '1.1.0',
  outcome: 'rolled-back',
  environments: ['staging', 'production'],
  endedAt: '2026-11-23T14:00:00.000Z',
  requester: 'ana',
  reason: 'errors 12 %\nand more',
  ...change,
});

const WAY = ['staging', 'production'] as const;

describe('the latest word about a version', () => {
  const arrived = past({ outcome: 'succeeded', reason: null });
  const tried = past({ outcome: 'succeeded', environments: ['staging'], reason: null });
  const left = past({
    kind: 'rollback',
    outcome: 'succeeded',
    environments: ['production'],
    reason: 'orders are lost',
  });
  const stopped = (failure: FailureType) => past({ failure, metUsers: false });
  const inStaging = past({ environments: ['staging'] });

  test.each<[string, readonly PastDeployment[], boolean]>([
    ['nothing', [], false],
    ['it was rolled back', [past()], true],
    ['it could not be rolled back', [past({ outcome: 'rollback-failed' })], true],
    ['it arrived', [arrived], false],
    ['it arrived after a rollback', [arrived, past()], false],
    ['it was rolled back after it had arrived', [past(), arrived], true],
    ['a person went back from it', [left, arrived], true],
    ['it went well in staging alone after a rollback in production', [tried, past()], true],
    ['it was rolled back in staging alone', [inStaging], true],
    ['it arrived in production after a rollback in staging alone', [arrived, inStaging], false],
    ['a person aborted it before users met it', [stopped('Aborted')], false],
    ['it was cancelled before users met it', [stopped('Cancelled')], false],
    ['a newer one took its place before users met it', [stopped('Superseded')], false],
    ['a person aborted it when users had met it', [{ ...stopped('Aborted'), metUsers: true }], true],
    ['it did not start', [stopped('StartFailed')], true],
    ['its smoke checks failed', [stopped('GateRefused')], true],
    ['it was worse than allowed', [{ ...stopped('Unhealthy'), metUsers: true }], true],
    ['a person aborted it before users met it, after a rollback', [stopped('Aborted'), past()], true],
    ['a person aborted it before users met it, after it had arrived', [stopped('Aborted'), arrived], false],
    ['nobody wrote down what stopped it', [past({ metUsers: false })], true],
    ['nobody wrote down whether users met it', [past({ failure: 'Aborted' })], true],
  ])('%s', (_what, all, needsReason) => {
    expect(lastRollback(all, WAY) !== null).toBe(needsReason);
  });

  test('a rollback in production is none for a deployment that ends in staging', () => {
    expect(lastRollback([past()], ['staging'])).toBeNull();
  });

  test('it is said with place, time and the first line of the reason', () => {
    expect(rollbackWords(past(), '1.1.0')).toBe(
      '1.1.0 was rolled back in production at 2026-11-23 14:00:00 UTC (errors 12 %)',
    );
    expect(rollbackWords(left, '1.1.0')).toMatch(
      /^1\.1\.0 was rolled back in production by ana .* \(orders are lost\)$/,
    );
    expect(rollbackWords(past(), '1.2.0')).toMatch(
      /^the source of 1\.2\.0 was deployed before, as 1\.1\.0: it was rolled/,
    );
  });
});
