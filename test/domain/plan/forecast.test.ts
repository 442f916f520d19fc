import { forecast, lateAfter, type Forecast } from '../../../domain/plan/forecast';

test('without a history of each phase nothing is forecast', () => {
  expect(forecast(['watch'], {})).toBeNull();
  expect(forecast(['production', 'watch'], { production: [10] })).toBeNull();
  expect(forecast([], { watch: [10] })).toBeNull();
});

test('one run is its own median', () => {
  expect(forecast(['watch'], { watch: [600] })).toEqual({
    medianSeconds: 600,
    p90Seconds: 600,
    p95Seconds: 600,
    from: 1,
  });
});

test('phases are added run by run, as far back as all of them go', () => {
  const history = { production: [10, 20, 30], watch: [100, 300] };
  expect(forecast(['production', 'watch'], history)).toEqual({
    medianSeconds: 215,
    p90Seconds: 299,
    p95Seconds: 309.5,
    from: 2,
  });
});

test('a phase is late after what 19 of 20 took, and never where fewer than five were seen', () => {
  const watch = [100, 110, 120, 130, 200];
  expect(lateAfter(forecast(['watch'], { watch }) as Forecast)).toBeCloseTo(186);
  expect(lateAfter(forecast(['watch'], { watch: watch.slice(1) }) as Forecast)).toBeNull();
});
