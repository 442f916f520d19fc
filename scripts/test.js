// `npm test`: build, check, then every test; the last line is `N passed, N failed`. Further arguments go to jest.
// `--chaos`: all of test/chaos, of which an ordinary run takes a sample. `--no-check`: tests only.
const { spawn } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { build } = require('./build.js');
const { check } = require('./check.js');

const ROOT = path.join(__dirname, '..');
const OURS = ['--chaos', '--no-check'];

async function test(given) {
  const chaos = given.includes('--chaos');
  const args = given.filter((argument) => !OURS.includes(argument));
  await build();
  const failedChecks = chaos || given.includes('--no-check') ? [] : await check();
  const selected = chaos && args.every((argument) => argument.startsWith('-')) ? ['test/chaos', ...args] : args;
  const { passed, failed } = await jest(selected, chaos ? { MVCA_TEST_CHAOS: 'all' } : {});
  if (failedChecks.length > 0) console.log(`checks that failed: ${failedChecks.join(', ')}`);
  console.log(`${passed} passed, ${failed + failedChecks.length} failed`);
  return failed + failedChecks.length === 0;
}

async function jest(args, variables) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mvca-test-'));
  const report = path.join(folder, 'jest.json');
  try {
    const jestArgs = ['--json', '--outputFile', report, ...args];
    const code = await run([path.join(ROOT, 'node_modules/jest/bin/jest.js'), ...jestArgs], variables);
    return figures(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A test file that could not be run counts as a failure, and so does a jest that ended badly without naming one. */
function figures(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** jest tells people what happens on standard error; its JSON on standard output is in the report, too. */
function run(args, variables) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...variables };
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['inherit', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

test(process.argv.slice(2)).then(
  (passed) => {
    process.exitCode = passed ? 0 : 1;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
