import { downtime } from '../../../domain/plan/downtime';
import { gapsOf } from '../../../domain/reports/gap';
import { environmentSpec } from '../../support/specs';
import { PLAN } from './deployment';

const { platform } = environmentSpec();
const singleton = environmentSpec({ platform: { ...platform, instances: 1, singleton: true } });
const expected = (timings: Record<string, readonly number[]>) =>
  downtime(singleton, { first: false, timings, steps: [] });

test('a gap is predicted from measured gaps, else from the last start, else not at all', () => {
  const both = { 'production gap': [3, 9, 4], 'production start': [2, 1] };
  expect(expected(both)).toEqual({
    seconds: 4,
    reason: expect.stringContaining('median of 3 measured gaps') as string,
  });
  expect(expected({ 'production start': [2, 1] })).toMatchObject({ seconds: 2 });
  expect(expected({ 'staging gap': [1] })).toEqual({
    seconds: null,
    reason: expect.stringContaining('there is no history of that yet') as string,
  });
});

test('a measured gap stands beside what the plan expected', () => {
  const timings = [
    { environment: 'production', what: 'start', seconds: 1 },
    { environment: 'production', what: 'gap', seconds: 3.24 },
  ] as const;
  const [environment] = PLAN.environments;
  const plan = { ...PLAN, environments: [{ ...environment, downtime: { seconds: 3, reason: '' } }] } as typeof PLAN;
  expect(gapsOf({ timings, plan })).toEqual([
    { environment: 'production', sentence: 'nobody served for 3.2 s (expected 3 s)' },
  ]);
  expect(gapsOf({ timings, plan: null })[0]?.sentence).toBe('nobody served for 3.2 s (measured)');
  expect(gapsOf({ plan })).toEqual([]);
});
