const { mkdtempSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { build } = require('../../scripts/build.js');

/** Processes under test run from `dist`; a stale one would test yesterday's code. Servers that tests share live in one folder (`stack.ts`). */
module.exports = async () => {
  await build();
  process.env.MVCA_TEST_STACK = mkdtempSync(path.join(os.tmpdir(), 'mvca-stack-'));
  process.env.MVCA_TEST_OWNER = String(process.pid);
};
