// `npm run check`: everything that can be said of the repository without running it. A line a check, exit 1 on any failure.
const { spawn } = require('node:child_process');
const { mkdirSync } = require('node:fs');
const path = require('node:path');
const { build } = require('./build.js');
const spelling = require('./spelling.js');
const licences = require('./licences.js');
const suppressions = require('./suppressions.js');

const ROOT = path.join(__dirname, '..');
const CACHE = path.join(ROOT, 'node_modules/.cache/mvca');
const AT_ONCE = 2;

/** The longest first: two run at once. */
const CHECKS = [
  [
    'types',
    () => tool('typescript/bin/tsc', ['--noEmit', '-p', '.', '--incremental', '--tsBuildInfoFile', cache('tsc.json')]),
  ],
  [
    'lint',
    () =>
      tool('eslint/bin/eslint.js', ['.', '--max-warnings', '0', '--cache', '--cache-location', cache('eslint.json')]),
  ],
  [
    'format',
    () =>
      tool('prettier/bin/prettier.cjs', [
        '--check',
        '--log-level',
        'warn',
        '--cache',
        '--cache-location',
        cache('prettier.json'),
        '.',
      ]),
  ],
  ['dead code', () => tool('knip/bin/knip.js', ['--no-progress', '--exclude', 'types,binaries,enumMembers'])],
  ['generated files', generated],
  ['spelling', async () => findings(spelling.check(ROOT))],
  ['licences', async () => findings(licences.check())],
  ['suppressions', async () => findings(suppressions.check(ROOT))],
];

async function check() {
  mkdirSync(CACHE, { recursive: true });
  const waiting = [...CHECKS];
  const failed = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (!(await one(next))) failed.push(next[0]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return failed;
}

async function one([name, run]) {
  const start = process.hrtime.bigint();
  const { ok, output } = await run();
  const seconds = Number((process.hrtime.bigint() - start) / 1_000_000n) / 1_000;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${seconds.toFixed(1).padStart(5)} s`);
  if (!ok) console.log(`${output.trimEnd()}\n`);
  return ok;
}

const cache = (name) => path.join(CACHE, name);
const findings = (found) => ({ ok: found.length === 0, output: found.join('\n') });

async function generated() {
  await build({ bundle: false });
  return run([path.join(ROOT, 'dist/scripts/generate.js'), '--check']);
}

const tool = (file, args) => run([path.join(ROOT, 'node_modules', file), ...args]);

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

module.exports = { check };
if (require.main === module) {
  check().then(
    (failed) => {
      if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
      process.exitCode = failed.length > 0 ? 1 : 0;
    },
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
