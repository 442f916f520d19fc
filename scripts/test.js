// `npm test`: build, check, then every test; the last line is `N passed, N failed`. Further arguments go to jest.
// A few files that are red run again, alone, since they measure time on a machine that they share with each other; both is told.
// `--chaos`: all of test/chaos, of which an ordinary run takes a sample. `--no-check`: tests only.
const { spawn } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { build } = require('./build.js');
const { check } = require('./check.js');

const ROOT = path.join(__dirname, '..');
const OURS = ['--chaos', '--no-check'];

/** Files that are run a second time at most: where more are red, the machine is not the reason. */
const AGAIN = 6;

async function test(given) {
  const chaos = given.includes('--chaos');
  const args = given.filter((argument) => !OURS.includes(argument));
  await build();
  const failedChecks = chaos || given.includes('--no-check') ? [] : await check();
  const selected = chaos && args.every((argument) => argument.startsWith('-')) ? ['test/chaos', ...args] : args;
  const variables = chaos ? { MVCA_TEST_CHAOS: 'all' } : {};
  const first = await jest(selected, variables);
  const second = mayBeTheMachine(first) ? await alone(first, variables) : first;
  tell('red', second.red);
  if (second !== first) tell('red beside other files, and green alone', green(first, second));
  if (failedChecks.length > 0) console.log(`checks that failed: ${failedChecks.join(', ')}`);
  console.log(`${second.passed} passed, ${second.failed + failedChecks.length} failed`);
  return second.failed + failedChecks.length === 0;
}

/** Tests here start servers and measure time, two files at a time: a few that are red may be so for want of a processor. */
function mayBeTheMachine({ files, redFiles }) {
  return redFiles.length > 0 && redFiles.length <= AGAIN && redFiles.length < files;
}

/** Runs the red files again, one after the other with nothing beside them. What they say now is what counts; both are told. */
async function alone(first, variables) {
  console.log(`again, alone: ${first.redFiles.map((file) => path.relative(ROOT, file)).join(', ')}`);
  const second = await jest(['--runInBand', '--runTestsByPath', ...first.redFiles], variables);
  return { ...second, passed: first.passed - first.passedInRed + second.passed };
}

const green = (first, second) => {
  const still = new Set(second.red.map(({ name }) => name));
  return first.red.filter(({ name }) => !still.has(name));
};

function tell(what, tests) {
  for (const { name, why } of tests) console.log(`${what}: ${name}: ${why}`);
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
    return { passed: 0, failed: 1, files: 0, redFiles: [], passedInRed: 0, red: [{ name: 'jest', why: 'no report' }] };
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const redSuites = result.testResults.filter(({ status }) => status === 'failed');
  const passedIn = ({ assertionResults }) => assertionResults.filter(({ status }) => status === 'passed').length;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    files: result.numTotalTestSuites,
    redFiles: redSuites.map(({ name }) => name),
    passedInRed: redSuites.reduce((sum, suite) => sum + passedIn(suite), 0),
    red: redSuites.flatMap(redTests),
  };
}

/** What was red in a file: its tests, or the file where it could not be run. */
function redTests({ name, message, assertionResults }) {
  const file = path.relative(ROOT, name);
  const tests = assertionResults.filter(({ status }) => status === 'failed');
  if (tests.length === 0) return [{ name: file, why: brief(message) }];
  return tests.map(({ fullName, failureMessages }) => ({
    name: `${file} › ${fullName}`,
    why: brief(failureMessages.join(' ')),
  }));
}

const BRIEF = 400;
const ESC = String.fromCharCode(27);
const COLOURS = new RegExp(`${ESC}\\[[0-9;]*m`, 'g');
const STACK = /^\s+at .*$/gm;
const brief = (text) => text.replace(COLOURS, '').replace(STACK, '').replace(/\s+/g, ' ').trim().slice(0, BRIEF);

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
