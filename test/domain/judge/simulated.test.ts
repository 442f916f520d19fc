/** A small part of `npm run bench judge`, with fixed seeds; the limits leave room for the smaller number of streams. */
import { measure } from '../../../bench/judge/measure';
import { OURS } from '../../../bench/judge/rules';
import { CALM, FAULTS } from '../../../bench/judge/streams';

jest.setTimeout(360_000);

const named = (name: string) => {
  const scenario = [...FAULTS, ...CALM].find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
};

test.each([
  ['everything fails', 6, 50],
  ['half fails', 12, 60],
  ['12 % fail', 55, 60],
  ['5 % fail', 210, 40],
  ['twice as slow', 110, 40],
  ['one route of 8 % fails', 130, 40],
  ['12 % fail, no old release', 80, 60],
  ['12 % fail after 3,000 good answers', 110, 7],
])('%s: seen within %i answers of the new release in the middle', (name, limit, runs) => {
  const { median, tooEarly, alarms } = measure(OURS, named(name), runs);
  expect({ alarms, tooEarly }).toEqual({ alarms: runs, tooEarly: 0 });
  expect(median).toBeLessThanOrEqual(limit);
});

test.each(CALM.map(({ name }) => name))('%s: no alarm, and never unhealthy', (name) => {
  expect(measure(OURS, named(name), 4).alarms).toBe(0);
});

test('calm streams with 2,000 answers of the new release end healthy', () => {
  expect(measure(OURS, named('calm'), 10, 2).healthy).toBeGreaterThanOrEqual(9);
});
