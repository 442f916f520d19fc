/**
 * Descriptors that whoever started a command had open (a lock, a pipe with a key): what outlives the command must not keep them, and the
 * applications that it starts must not get them.
 */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** Node closes those up to here, and what follows without a gap, when it starts something; those beyond go on to every child. */
const CLOSED_BY_NODE = 15;
const CLOSE_ON_EXEC = 0o2000000;

/** First of all in a process that stays: later there are others of its own. */
export function closeInherited(): void {
  for (const descriptor of inherited()) {
    try {
      closeSync(descriptor);
    } catch {
      // closed meanwhile: that of the folder which was read
    }
  }
}

function inherited(): readonly number[] {
  try {
    return readdirSync('/proc/self/fdinfo').map(Number).filter(isHandedOn);
  } catch {
    return []; // a system without
  }
}

function isHandedOn(descriptor: number): boolean {
  if (descriptor <= CLOSED_BY_NODE) return false;
  try {
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false; // closed meanwhile
  }
}
