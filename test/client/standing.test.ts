import { releaseViews, wayBackOf, type Place } from '../../client/standing';
import type { ReleaseStatus } from '../../domain/release';

const release = (name: string, change: Partial<ReleaseStatus> = {}): ReleaseStatus => ({
  release: name,
  version: name,
  artifact: 'sha256:01',
  environment: 'production',
  state: 'running',
  proven: true,
  createdAt: 1,
  instances: [],
  addresses: [],
  ...change,
});
const place = (change: Partial<Place> = {}): Place => ({
  environment: 'production',
  releases: [release('old'), release('new', { createdAt: 2 })],
  weights: { new: 100 },
  measured: { new: 99.5 },
  lease: null,
  ...change,
});

test('the way back is to the newest release that is proven, kept and does not serve', () => {
  expect(wayBackOf([place()])).toEqual({
    open: true,
    reason: 'old (old) is kept in production, running',
    closes: null,
  });
});

test.each([
  ['nothing serves', [place({ weights: {} })], 'nothing serves'],
  [
    'nothing else is kept',
    [place({ releases: [release('new')] })],
    'no earlier release is kept in production; what serves can only be replaced, by `mvca deploy`',
  ],
  [
    'what is kept is not proven',
    [place({ releases: [release('old', { proven: false }), release('new')] })],
    'no earlier release is kept in production; what serves can only be replaced, by `mvca deploy`',
  ],
  ['there is no place', [], 'nothing serves'],
])('there is no way back where %s', (_name, places, reason) => {
  expect(wayBackOf(places)).toEqual({ open: false, reason, closes: null });
});

test('under a lease the way back is not to the release that the traffic would go back to by itself', () => {
  const leased = place({ lease: { holder: 'x', until: '', fallback: { old: 100 } } });
  expect(wayBackOf([leased]).reason).toBe('new (new) is kept in production, running');
});

test('it is that of the last environment in which something serves', () => {
  const staging = place({ environment: 'staging', releases: [release('new')] });
  expect(wayBackOf([staging, place()]).reason).toContain('in production');
  expect(wayBackOf([staging, place({ weights: {} })]).reason).toContain('in staging');
});

test('releases show the weight that was set beside the share that was measured', () => {
  expect(releaseViews(place()).map(({ release: name, weight, measured }) => [name, weight, measured])).toEqual([
    ['old', 0, null],
    ['new', 100, 99.5],
  ]);
});
