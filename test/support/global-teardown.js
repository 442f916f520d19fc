const { readdir, readFile, rm } = require('node:fs/promises');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const STOP_MS = 20_000;

/** Ends the servers that this run of jest started, and removes their folder. */
module.exports = async () => {
  const folder = process.env.MVCA_TEST_STACK;
  const records = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  await Promise.all(
    records.map(async (name) => {
      const { keeper } = JSON.parse(await readFile(path.join(folder, name), 'utf8'));
      if (!lives(keeper)) return;
      process.kill(keeper, 'SIGTERM');
      for (const deadline = Date.now() + STOP_MS; lives(keeper) && Date.now() < deadline;) await sleep(50);
    }),
  );
  await rm(folder, { recursive: true, force: true });
};

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
