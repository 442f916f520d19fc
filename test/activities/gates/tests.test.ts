import { readdirSync } from 'node:fs';
import { createTestGate } from '../../../activities/gates';
import type { GateResult } from '../../../domain/gates/gate';
import type { BuildSpec, TestSpec } from '../../../domain/spec/spec';
import { builderAt } from '../../support/builder';
import { failureOf, inActivity } from '../../support/in-activity';
import { removeScratch, scratch, writeFiles } from '../../support/scratch';

const builder = builderAt();
const { runTests } = createTestGate({ workshop: builder.workshop });
afterAll(removeScratch);

const TESTS: TestSpec = { unit: [], integration: [], coverage: null, variables: {}, timeoutMs: 60_000 };

async function gate(
  files: Readonly<Record<string, string>>,
  tests: Partial<TestSpec>,
  build: Partial<BuildSpec> = {},
): Promise<GateResult> {
  const folder = scratch();
  writeFiles(folder, files);
  const source = await builder.request(folder, build);
  return inActivity(() => runTests({ ...source, tests: { ...TESTS, ...tests } }));
}
const PASSES = "const {test}=require('node:test');test('adds',()=>{});test('more',()=>{});";
const unit = [['node', '--test', 'a.test.js']];

test('Tests that pass are counted', async () => {
  const result = await gate({ 'a.test.js': PASSES }, { unit, integration: [['node', '--test', 'a.test.js']] });
  expect(result).toMatchObject({ gate: 'tests', verdict: 'passed', summary: '4 tests passed' });
  expect(result.findings.map(({ id, verdict }) => [id, verdict])).toEqual([
    ['unit', 'passed'],
    ['integration', 'passed'],
  ]);
});

test('A test that fails refuses, with its words, and what comes after is not run', async () => {
  const files = { 'a.test.js': "require('node:test')('adds',()=>{throw new Error('1 is not 2')})" };
  const result = await gate(files, { unit, integration: [['node', '-e', 'process.exit(9)']] });
  expect(result.verdict).toBe('refused');
  expect(result.findings).toHaveLength(1);
  expect(result.findings[0]?.message).toContain('1 of 1 test failed (node:test)');
  expect(result.findings[0]?.message).toContain('1 is not 2');
  expect(result.findings[0]?.remedy).toMatch(/unit\.log$/);
});

test.each([
  ['no file', ['node', '--test', 'nothing-here']],
  ['a file without a test', ['node', '--test', 'empty.test.js']],
])('A run with %s is inconclusive', async (_name, argv) => {
  const result = await gate({ 'empty.test.js': '', 'nothing-here/x.txt': '' }, { unit: [argv] });
  expect(result).toMatchObject({ verdict: 'inconclusive', summary: expect.stringContaining('executed no test') });
});

test('A runner that is not known is judged by its exit code, and that is said', async () => {
  const passed = await gate({ 'a.js': 'console.log("ok")' }, { unit: [['node', 'a.js']] });
  expect(passed).toMatchObject({ verdict: 'passed', summary: '1 command ended with code 0' });
  expect(passed.findings[0]?.message).toContain('exit code alone');
  expect((await gate({ 'a.js': 'process.exit(4)' }, { unit: [['node', 'a.js']] })).verdict).toBe('refused');
});

test('Without tests the gate passes and says that none are declared', async () => {
  expect(await gate({ 'a.js': '' }, {})).toMatchObject({ verdict: 'passed', summary: 'no tests are declared' });
});

test('Tests that do not end are ended and refused', async () => {
  const result = await gate({ 'a.js': 'setInterval(()=>{},1000)' }, { unit: [['node', 'a.js']], timeoutMs: 700 });
  expect(result).toMatchObject({ verdict: 'refused', summary: expect.stringContaining('was still running') });
});

test('Tests run after the build, see their variables, and leave nothing in the artifact', async () => {
  const folder = scratch();
  writeFiles(folder, {
    'make.js': "require('fs').writeFileSync('made.js','module.exports=1')",
    'a.test.js':
      "const a=require('node:assert');require('node:test')('x',()=>{a.equal(require('./made'),1);a.equal(process.env.MODE,'test');a.equal(process.env.CI,'true');require('fs').writeFileSync('left-over','x')})",
  });
  const source = await builder.request(folder, { command: [['node', 'make.js']] });
  const result = await inActivity(() =>
    runTests({ ...source, tests: { ...TESTS, unit, variables: { MODE: 'test' } } }),
  );
  expect(result.verdict).toBe('passed');
  const artifact = await inActivity(() => builder.buildArtifact(source));
  expect(await builder.names(artifact)).toEqual(['a.test.js', 'made.js', 'make.js']);
});

test('A build that fails is a failure and not a verdict', async () => {
  const failure = await failureOf(gate({ 'a.js': '' }, { unit }, { command: [['node', 'missing.js']] }));
  expect(failure).toMatchObject({
    type: 'BuildFailed',
    final: true,
    message: expect.stringContaining('Cannot find module'),
  });
});

describe('Coverage', () => {
  const lcov = 'SF:a.js\\nLF:10\\nLH:8\\nend_of_record\\n';
  const writes = `${PASSES}require('fs').writeFileSync('lcov.info','${lcov}');`;
  const coverage = { path: 'lcov.info', minimum: 0.7 };

  test('that is enough passes with its figures', async () => {
    const result = await gate({ 'a.test.js': writes }, { unit, coverage });
    expect(result).toMatchObject({ verdict: 'passed', summary: '2 tests passed, 80 % of lines (8 of 10) covered' });
  });

  test('that is too little refuses', async () => {
    expect((await gate({ 'a.test.js': writes }, { unit, coverage: { ...coverage, minimum: 0.9 } })).verdict).toBe(
      'refused',
    );
  });

  test('that nobody wrote is inconclusive', async () => {
    expect((await gate({ 'a.test.js': PASSES }, { unit, coverage })).summary).toContain(
      'wrote no coverage report lcov.info',
    );
  });

  test('that was there before is inconclusive', async () => {
    const result = await gate(
      { 'a.test.js': PASSES, 'lcov.info': 'SF:a\nLF:1\nLH:1\nend_of_record\n' },
      { unit, coverage },
    );
    expect(result).toMatchObject({ verdict: 'inconclusive', summary: expect.stringContaining('older than this run') });
  });

  test('outside of the application is not read', async () => {
    const file = "require('fs').symlinkSync('/etc/hostname','lcov.info');";
    expect((await gate({ 'a.test.js': PASSES + file }, { unit, coverage })).summary).toContain(
      'outside of the application',
    );
  });
});

test('Nothing but work folders is left', () => {
  expect(readdirSync(builder.home.work).every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
});
