/** Which workers of a home ended by themselves (a heap that was full, an error of nobody), and not by who stopped or killed them. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Home } from './home';
import type { ProcessIdentity } from './process-identity';

const KEPT = 20;
/** Such as `ended with code 1` or `was killed by SIGABRT`, as the supervisor says it. */
const CRASHED = /^ended with code [1-9]|^was killed by SIG(?:ABRT|SEGV|BUS|ILL|FPE|TRAP)$/;

const crashFile = (home: Home): string => path.join(home.engine, 'worker-crashes.json');

/** Written at once: the next worker asks for it. A disk that is full counts nothing. */
export function noteCrash(home: Home, identity: ProcessIdentity, how: string): void {
  if (!CRASHED.test(how)) return;
  try {
    mkdirSync(home.engine, { recursive: true, mode: 0o700 });
    const file = crashFile(home);
    writeFileSync(`${file}.tmp`, JSON.stringify([...crashesOf(home), identity].slice(-KEPT)), { mode: 0o600 });
    renameSync(`${file}.tmp`, file);
  } catch {
    // then it is tried once more than it should be
  }
}

/** Newest last. */
export function crashesOf(home: Home): readonly ProcessIdentity[] {
  try {
    return JSON.parse(readFileSync(crashFile(home), 'utf8')) as readonly ProcessIdentity[];
  } catch {
    return []; // none until now
  }
}
