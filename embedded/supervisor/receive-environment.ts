/**
 * Preloaded into the worker: takes the variables of whoever ran `up` from descriptor 3 into `process.env`. Given in the usual way,
 * they would stand in /proc/<pid>/environ, for `ps e` to show, and some of them are secrets (`secret://env/NAME`).
 */
import { readFileSync } from 'node:fs';

const given = JSON.parse(readFileSync(3, 'utf8')) as Record<string, string>;
for (const [name, value] of Object.entries(given)) process.env[name] ??= value;
