/**
 * Preloaded into the worker: takes the variables of whoever ran `up` from descriptor 3 into `process.env`. Given in the usual way,
 * they would stand in /proc/<pid>/environ, for `ps e` to show, and some of them are secrets (`secret://env/NAME`).
 */
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Threads are given the same preloads, and find the pipe empty; they share or copy `process.env`.
if (isMainThread) {
  process.execArgv.length = 0; // what the worker forks has something else, or nothing, as descriptor 3
  const given = JSON.parse(readFileSync(3, 'utf8')) as Record<string, string>;
  for (const [name, value] of Object.entries(given)) process.env[name] ??= value;
}
