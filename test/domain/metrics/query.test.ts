import { fillQuery, unknownIn } from '../../../domain/metrics/query';

const WATCHED = { app: 'shop', environment: 'production', release: '1.2.0-ab' };

test('the names of what is watched are put in, and dollars that begin no name stay', () => {
  const query =
    'sum(rate(x_total{app="$APP",env="$ENVIRONMENT",release="$RELEASE",path=~"^/a$"}[1m])) + y_${RELEASE}_z';
  expect(fillQuery(query, WATCHED)).toBe(
    'sum(rate(x_total{app="shop",env="production",release="1.2.0-ab",path=~"^/a$"}[1m])) + y_1.2.0-ab_z',
  );
  expect(fillQuery('label_replace(x, "a", "$$1", "b", "(.*)")', WATCHED)).toBe(
    'label_replace(x, "a", "$1", "b", "(.*)")',
  );
});

test('a name cannot end the text in which it stands', () => {
  expect(fillQuery('x{app="$APP"}', { ...WATCHED, app: 'a"} or up{b="\\' })).toBe('x{app="a\\"} or up{b=\\"\\\\"}');
});

test('names that nothing is known of are told', () => {
  expect(unknownIn('x[$__interval] + ${RELEASE} + $FOO + $FOO + $$BAR')).toEqual(['__interval', 'FOO']);
});
