import type { InstanceStatus } from '../../../domain/host/runner';
import { hardStop, resourceStop, type HardFacts } from '../../../domain/judge/hard-stops';

const NOW = 1_000_000;
const instance = (change: Partial<InstanceStatus> = {}): InstanceStatus => ({
  instance: 0,
  state: 'running',
  pid: 1,
  port: 20_001,
  restarts: 0,
  startedAt: 0,
  lastExit: null,
  cpu: 0.1,
  memoryBytes: 1,
  ...change,
});
const facts = (change: Partial<HardFacts> = {}): HardFacts => ({
  now: NOW,
  instances: [instance()],
  restartsBefore: {},
  refusedInARow: 0,
  red: [],
  ...change,
});

describe('a hard stop', () => {
  test('is none while everything runs', () => expect(hardStop(facts())).toBeNull());
  test('is an instance that exited and does not come back', () => {
    const gone = instance({ state: 'backing-off', lastExit: { code: 1, signal: null, at: NOW - 3_000 } });
    expect(hardStop(facts({ instances: [gone] }))).toMatchObject({
      value: 'exited with 1, 0 restarts',
      source: 'runner',
    });
  });
  test('is not an instance that went a moment ago', () => {
    const gone = instance({ state: 'backing-off', lastExit: { code: 1, signal: null, at: NOW - 500 } });
    expect(hardStop(facts({ instances: [gone] }))).toBeNull();
  });
  test('is a crash loop, counted from the beginning of the watch', () => {
    expect(hardStop(facts({ instances: [instance({ restarts: 7 })], restartsBefore: { '0': 5 } }))).toBeNull();
    expect(hardStop(facts({ instances: [instance({ restarts: 8 })], restartsBefore: { '0': 5 } }))).not.toBeNull();
  });
  test('is health that is red twice in a row', () => {
    const red = (inARow: number) => [{ instance: '127.0.0.1:1', inARow, seen: 'status 503' }];
    expect(hardStop(facts({ red: red(1) }))).toBeNull();
    expect(hardStop(facts({ red: red(2) }))).toMatchObject({ value: 'status 503' });
  });
  test('is a refused connection in two readings', () => {
    expect(hardStop(facts({ refusedInARow: 1 }))).toBeNull();
    expect(hardStop(facts({ refusedInARow: 2 }))?.measure).toBe('connections');
  });
});

describe('resources', () => {
  const busy = (seconds: number, cpu: number) =>
    Array.from({ length: seconds + 1 }, (_, second) => ({ at: NOW - (seconds - second) * 1_000, cpu, memory: 0.1 }));
  test('are not judged before thirty seconds were seen', () => expect(resourceStop(busy(20, 1), NOW, 0.8)).toBeNull());
  test('stop a watch when their mean is over the limit', () =>
    expect(resourceStop(busy(31, 0.95), NOW, 0.8)?.value).toBe('95 %'));
  test('do not when it is below', () => expect(resourceStop(busy(31, 0.5), NOW, 0.8)).toBeNull());
});
