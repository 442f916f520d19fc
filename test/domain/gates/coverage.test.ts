import { coverageFinding, readCoverage } from '../../../domain/gates/coverage';

const LCOV = 'TN:\nSF:a.js\nDA:1,1\nDA:2,0\nLF:10\nLH:7\nend_of_record\nSF:b.js\nLF:10\nLH:9\nend_of_record\n';

describe('A coverage report is read', () => {
  test.each([
    ['istanbul', JSON.stringify({ total: { lines: { total: 20, covered: 16, pct: 80 } } }), 'coverage-summary.json'],
    ['lcov', LCOV, 'lcov'],
    ['lcov with Windows line ends', LCOV.replaceAll('\n', '\r\n'), 'lcov'],
    [
      'Cobertura',
      '<?xml version="1.0"?>\n<coverage lines-valid="20" lines-covered="16" line-rate="0.8"></coverage>',
      'Cobertura',
    ],
  ])('from %s', (_name, text, format) => {
    expect(readCoverage(text)).toEqual({ kind: 'read', format, share: 0.8, covered: 16, lines: 20 });
  });

  test('from lcov without sums by its lines', () => {
    expect(readCoverage('SF:a\nDA:1,3\nDA:2,0\nend_of_record\n')).toMatchObject({ covered: 1, lines: 2 });
  });

  test('from Cobertura that gives only a rate', () => {
    expect(readCoverage('<coverage line-rate="0.55" branch-rate="1">')).toMatchObject({ share: 0.55, covered: null });
  });

  test.each([
    ['', 'empty'],
    ['{', 'not JSON'],
    ['{"total":{"lines":{"pct":80}}}', 'total.lines'],
    ['null', 'not lcov'],
    ['{"total":{"lines":{"total":0,"covered":0}}}', 'no line'],
    ['{"total":{"lines":{"total":5,"covered":9}}}', '9 of 5'],
    ['<html>', 'no `<coverage>`'],
    ['<coverage>', 'line-rate'],
    ['<coverage line-rate="x">', 'line-rate'],
    ['hello', 'end_of_record'],
    ['LF:x\nLH:1\nend_of_record', 'no line'],
  ])('and %j is not taken for one', (text, problem) => {
    expect(readCoverage(text)).toEqual({ kind: 'unreadable', problem: expect.stringContaining(problem) });
  });
});

describe('Coverage', () => {
  const text = (covered: number) => readCoverage(JSON.stringify({ total: { lines: { total: 1000, covered } } }));

  test('at the minimum passes, just below it is refused with the figures', () => {
    expect(coverageFinding('c.json', 0.7, text(700)).verdict).toBe('passed');
    const refused = coverageFinding('c.json', 0.7, text(699));
    expect(refused.verdict).toBe('refused');
    expect(refused.message).toBe(
      '69.9 % of lines (699 of 1000) covered, at least 70 % asked for, from c.json (coverage-summary.json)',
    );
  });

  test.each([
    { kind: 'missing' as const },
    { kind: 'stale' as const },
    { kind: 'unreadable' as const, problem: 'x' },
    readCoverage('x'),
  ])('that cannot be told (%j) is inconclusive with the next step', (file) => {
    expect(coverageFinding('c.json', 0.7, file)).toMatchObject({ verdict: 'inconclusive', remedy: expect.any(String) });
  });
});
