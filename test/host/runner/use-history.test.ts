import { createUseRecorder } from '../../../host/runner/use-history';

test('a long life is kept in a bounded number of samples, each with its means of the processor and its most memory', () => {
  const recorder = createUseRecorder();
  for (let second = 0; second < 10_000; second += 1)
    recorder.add(
      new Map([[0, { cpu: second % 2, memoryBytes: second, main: { ran: second % 2, waited: 1 } }]]),
      second * 1_000,
    );
  const samples = recorder.read()[0] ?? [];
  expect(samples.length).toBeGreaterThanOrEqual(60);
  expect(samples.length).toBeLessThanOrEqual(121);
  expect(samples.at(-1)).toMatchObject({ at: 9_999_000, memoryBytes: 9_999 });
  for (const { cpu, main } of samples.slice(0, -1))
    expect({ cpu, main }).toEqual({ cpu: 0.5, main: { ran: 0.5, waited: 1 } });
  const gaps = samples.slice(1, -1).map(({ at }, index) => at - (samples[index]?.at ?? 0));
  expect(new Set(gaps).size).toBe(1);
});

test('what was not measured is no sample', () => {
  const recorder = createUseRecorder();
  recorder.add(new Map([[0, { cpu: null, memoryBytes: 5, main: null }]]), 1);
  expect(recorder.read()).toEqual({});
});
