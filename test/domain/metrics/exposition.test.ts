import { openMetrics, plainText, type Family } from '../../../domain/metrics/exposition';

const FAMILIES: readonly Family[] = [
  {
    name: 'x_requests',
    type: 'counter',
    help: 'All "requests",\nand \\ more.',
    samples: [{ labels: { release: 'a"b\\c\nd' }, value: 3 }],
  },
  { name: 'x_age_seconds', type: 'gauge', unit: 'seconds', help: 'Age.', samples: [{ labels: {}, value: Infinity }] },
  { name: 'x_build', type: 'info', help: 'Build.', samples: [{ labels: { version: '1' }, value: 1 }] },
  { name: 'x_nothing', type: 'gauge', help: 'Nothing.', samples: [] },
];

test('OpenMetrics has units, escapes, the names of families without their suffix, and an end', () => {
  expect(openMetrics(FAMILIES)).toBe(`# TYPE x_requests counter
# HELP x_requests All \\"requests\\",\\nand \\\\ more.
x_requests_total{release="a\\"b\\\\c\\nd"} 3
# TYPE x_age_seconds gauge
# UNIT x_age_seconds seconds
# HELP x_age_seconds Age.
x_age_seconds{} +Inf
# TYPE x_build info
# HELP x_build Build.
x_build_info{version="1"} 1
# EOF
`);
});

test('the older format has whole names, and no quotation mark escaped in a help', () => {
  expect(plainText(FAMILIES)).toBe(`# HELP x_requests_total All "requests",\\nand \\\\ more.
# TYPE x_requests_total counter
x_requests_total{release="a\\"b\\\\c\\nd"} 3
# HELP x_age_seconds Age.
# TYPE x_age_seconds gauge
x_age_seconds{} +Inf
# HELP x_build_info Build.
# TYPE x_build_info gauge
x_build_info{version="1"} 1
`);
});
