/** Starts the embedded stack, or finds it running. */
import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from '../system/home';
import { isAnyUnitWanted, isKeeperAlive, startKeeper } from '../system/keeper';
import { withLock } from '../system/lock';
import { EngineRefusal, PART_NAMES, PARTS } from './engine';
import type { Engine, EngineState, PartName, PartStatus, Progress } from './engine';
import { prepareHome } from './home-format';
import { changeLock, logFile, programIdentity, supervisorMain, workerMain } from './places';
import { engineState, isSupervised, stopSupervisor } from './state';
import { partEnvironment } from './supervisor/context';
import type { StartRequest } from './supervisor/context';
import { WORKER_STOP_MS } from './supervisor/worker-part';
import { lastLines, openLog } from './supervisor/log-file';
import { findTemporalCli } from './temporal-cli';

/** A first `up` beside this one fetches programs. */
const WAIT_MS = 10 * 60_000;
const SERVE_MS = 3 * 60_000;
/** Who ended so often before it served once will not serve by itself. */
const GIVE_UP_AFTER = 3;
const LOG_LINES = 20;

export interface UpOptions {
  /** Told what goes on, a line at a time. */
  readonly log: Progress;
  /** What the worker sees beside its own variables (`secret://env/NAME`). Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The program that is kept as worker. Default: ours. */
  readonly workerMain?: string;
}

/**
 * Starts what does not run, and waits until Temporal serves, PostgreSQL takes connections and the worker polls. Repeatable; two at once
 * are one. A few seconds the first time, about two later.
 * @throws EngineRefusal when a person has to do something first; Error, with the last log lines, when a part does not come up. What this
 * call had started is stopped again then.
 */
export async function up(home: Home, options: UpOptions): Promise<Engine> {
  await prepareHome(home);
  return withLock(changeLock(home), WAIT_MS, async () => {
    // After a reboot routers and releases come back with the engine; while they run, each of them keeps the keeper alive.
    if (isAnyUnitWanted(home) && !isKeeperAlive(home)) startKeeper(home);
    const started = await ensureSupervisor(home, options);
    try {
      return await waitUntilServing(home, options.log);
    } catch (error) {
      if (started) await stopSupervisor(home);
      throw error;
    }
  });
}

/** Answers whether this call started one. */
async function ensureSupervisor(home: Home, options: UpOptions): Promise<boolean> {
  const running = await engineState(home);
  // An older one of the same version knows no gate, and lets everybody in.
  const isCurrent = running?.program === programIdentity() && (running.temporal === null || 'keys' in running.temporal);
  if (isCurrent) return false;
  if (running !== null) {
    options.log(`taking over from mvca ${running.program.split(' ')[0]}…`);
    await stopSupervisor(home, ['temporal', 'postgres']);
  }
  const worker = options.workerMain ?? workerMain();
  await access(worker).catch(() => {
    throw new EngineRefusal(`the worker's program ${worker} is not there: install mvca again, or run its build`);
  });
  const cli = await findTemporalCli(home, options.log, { environment: options.environment ?? process.env });
  await untilUnsupervised(home);
  await startSupervisor(home, { cli, workerMain: worker, environment: passedOn(options.environment ?? process.env) });
  return true;
}

/** One that is ending, or starting beside us, is waited for. */
async function untilUnsupervised(home: Home): Promise<void> {
  for (const deadline = performance.now() + WORKER_STOP_MS; isSupervised(home); await sleep(50)) {
    if (performance.now() < deadline) continue;
    throw new Error(
      `a supervisor of ${home.root} lives and does not answer: see ${logFile(home, 'supervisor')}, or run \`mvca down\``,
    );
  }
}

async function startSupervisor(home: Home, request: StartRequest): Promise<void> {
  const log = await openLog(logFile(home, 'supervisor'));
  try {
    const child = spawn(process.execPath, [supervisorMain()], {
      argv0: 'mvca-supervisor',
      cwd: '/',
      env: { ...partEnvironment(), MVCA_HOME: home.root },
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.stdin?.once('error', reject);
      child.stdin?.end(JSON.stringify(request), resolve);
    });
    child.unref();
    const ended = new Promise<string>((resolve) => child.once('exit', (code, name) => resolve(name ?? `code ${code}`)));
    await untilAnswers(home, ended);
  } finally {
    await log.close();
  }
}

async function untilAnswers(home: Home, ended: Promise<string>): Promise<void> {
  let end: string | null = null;
  void ended.then((how) => (end = how));
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; await sleep(25)) {
    if ((await engineState(home)) !== null) return;
    if (end !== null) break;
  }
  const lines = await lastLines(logFile(home, 'supervisor'), LOG_LINES);
  throw new Error(`the supervisor did not start (${end ?? 'no answer'}):\n${lines.join('\n')}`);
}

async function waitUntilServing(home: Home, log: Progress): Promise<Engine> {
  let told: Set<string> | null = null;
  for (const deadline = performance.now() + SERVE_MS; performance.now() < deadline; await sleep(50)) {
    const state = await engineState(home);
    if (state === null) throw await failure(home, 'supervisor', 'it ended');
    const running = PARTS.filter((name) => state.parts[name].state === 'running');
    const ready = running.map((name) => readyLine(name, state));
    // What ran before this call is not news.
    told ??= new Set(ready);
    for (const line of [...state.notes, ...ready]) {
      if (!told.has(line)) log(line);
      told.add(line);
    }
    const { temporal, database } = state;
    if (temporal !== null && running.length === PARTS.length) return { home, temporal, database };
    for (const name of PARTS) await throwIfHopeless(home, name, state.parts[name]);
  }
  throw await failure(home, 'supervisor', `not everything serves after ${SERVE_MS / 1_000} s`);
}

async function throwIfHopeless(home: Home, name: PartName, { state, reason, restarts }: PartStatus): Promise<void> {
  if (state === 'refused') throw new EngineRefusal(`${PART_NAMES[name]} cannot be started: ${reason}`);
  if (state === 'backing-off' && restarts >= GIVE_UP_AFTER) throw await failure(home, name, reason ?? 'it ended');
}

const readyLine = (name: PartName, { temporal, database }: EngineState): string =>
  ({
    temporal: `Temporal serves at ${temporal?.address}, its Web UI at ${temporal?.uiUrl}`,
    postgres: `PostgreSQL is ready in ${database.host}`,
    worker: 'the worker is ready',
  })[name];

async function failure(home: Home, name: PartName | 'supervisor', reason: string): Promise<Error> {
  const file = logFile(home, name);
  const lines = await lastLines(file, LOG_LINES);
  const who = name === 'supervisor' ? 'the supervisor' : PART_NAMES[name];
  return new Error(`${who} does not come up: ${reason}. The end of ${file}:\n${lines.join('\n') || '(empty)'}`);
}

/** Another cluster's settings are not for the embedded worker; the rest of Node's own would reach what it starts. */
const passedOn = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(TEMPORAL_|NODE_OPTIONS$|NODE_CHANNEL_|JEST_WORKER)/.test(entry[0]),
    ),
  );
