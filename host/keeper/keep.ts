/** Starts every wanted unit that does not run. It owns nothing: units outlive it, and another keeper finds them as they are. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import type { Unit } from '../../domain/host/unit';
import type { Home } from '../../system/home';
import { livingProcess, unitEnvironment } from '../../system/keeper';
import { isLocked } from '../../system/lock';
import { note, wordsOf } from '../../system/note';
import { unitLogFile, unitPidFile } from '../../system/units';
import { afterDeath, NO_DEATHS, type Deaths } from './back-off';
import { untilEnd } from './ends';
import { createSockets, type Socket } from './sockets';
import { openLog } from './unit-log';

/** After so many quick deaths in a row clients are refused again: waiting for a router that cannot live is worse. */
const PATIENCE_DEATHS = 3;

interface Kept {
  readonly deaths: Deaths;
  readonly startedAt: number | null;
  readonly child: ChildProcess | null;
  readonly wasRunning: boolean;
}

export interface Keep {
  /** Looks at every wanted unit once and starts what does not run. */
  look(wanted: readonly Unit[]): Promise<void>;
}

/** @param onDeath is told when a unit has ended, so that it can look at once. */
export function createKeep(home: Home, onDeath: () => void): Keep {
  const known = new Map<string, Kept>();
  const sockets = createSockets();
  const watched = new Set<string>();

  /** A router that another keeper started: no signal tells of its end, and its socket ends with it. */
  async function watchStranger(unit: Unit): Promise<void> {
    if (watched.has(unit.name)) return;
    watched.add(unit.name);
    await sockets.prepare(unit).catch(() => undefined); // `open` says why
    void untilEnd(unit.directory).then((hasEnded) => {
      watched.delete(unit.name);
      if (hasEnded) onDeath();
    });
  }

  async function lookAt(unit: Unit): Promise<void> {
    const now = performance.now();
    const kept = known.get(unit.name) ?? { deaths: NO_DEATHS, startedAt: null, child: null, wasRunning: false };
    if (isRunning(unit, kept)) {
      known.set(unit.name, { ...kept, wasRunning: true });
      if (unit.kind === 'router' && kept.child === null) await watchStranger(unit);
      return;
    }
    const deaths = kept.wasRunning ? afterDeath(kept.deaths, kept.startedAt, now) : kept.deaths;
    if (now < deaths.notBefore) {
      known.set(unit.name, { ...kept, deaths, child: null, wasRunning: false });
      if (deaths.quick > PATIENCE_DEATHS) await sockets.close(unit.name);
      return;
    }
    const socket = await sockets.open(unit).catch((error: unknown) => {
      note(`${unit.name} gets no socket: ${wordsOf(error)}`);
      return null; // it listens by itself then
    });
    const child = start(home, { unit, socket }, onDeath);
    known.set(unit.name, { deaths, startedAt: now, child, wasRunning: true });
  }

  return {
    async look(wanted) {
      const names = new Set(wanted.map((unit) => unit.name));
      for (const name of known.keys()) if (!names.has(name)) known.delete(name);
      await Promise.all(
        sockets
          .held()
          .filter((name) => !names.has(name))
          .map((name) => sockets.close(name)),
      );
      await Promise.all(wanted.map((unit) => lookAt(unit)));
    },
  };
}

function isRunning(unit: Unit, { child }: Kept): boolean {
  if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) return true;
  return livingProcess(unitPidFile(unit.directory)) !== null || isLocked(unit.directory);
}

interface Wanted {
  readonly unit: Unit;
  readonly socket: Socket | null;
}

function start(home: Home, { unit, socket }: Wanted, onDeath: () => void): ChildProcess | null {
  note(`starts ${unit.name}`);
  try {
    mkdirSync(unit.directory, { recursive: true, mode: 0o700 });
    const log = openLog(unitLogFile(unit.directory));
    try {
      const listen = socket === null ? [] : ['3', `${socket.listen.host}:${socket.listen.port}`];
      const child = spawn(process.execPath, [unit.main, unit.directory, ...listen], {
        argv0: `mvca-${unit.kind}`,
        cwd: unit.directory,
        env: unitEnvironment(home),
        detached: true,
        stdio: ['ignore', log, log, ...(socket === null ? [] : [socket.descriptor])],
      });
      child.on('error', (error) => note(`${unit.name} cannot be started: ${error.message}`));
      child.on('exit', onDeath);
      child.unref();
      return child;
    } finally {
      closeSync(log);
    }
  } catch (error) {
    note(`${unit.name} cannot be started: ${wordsOf(error)}`);
    return null;
  }
}
