const { build } = require('../../scripts/build.js');

/** Processes under test run from `dist`; a stale one would test yesterday's code. */
module.exports = async () => {
  await build();
};
