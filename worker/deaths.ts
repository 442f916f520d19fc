/**
 * An activity in whose hands the worker crashed twice is not tried a third time. What is begun is noted on disk and the note removed at its
 * end; a note of a worker that crashed is a death of one of those that it had in hand. Who is suspected works while no other suspect does,
 * so that the second death is nobody else's.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { fail } from '../activities/failure';
import { crashesOf } from '../system/crashes';
import type { Home } from '../system/home';
import { identify, type ProcessIdentity } from '../system/process-identity';

const MOST_DEATHS = 2;
const BEAT_MS = 1_000;
/** They read what applications wrote, or run it. None changes the traffic or is an undo: those are tried whatever happens. */
const READERS = new Set([
  'identifySource',
  'snapshotSource',
  'buildArtifact',
  'runTests',
  'checkEnvironment',
  'startRelease',
  'smokeRelease',
  'integrateRelease',
  'diagnoseRelease',
]);

interface Note {
  readonly deaths: number;
  readonly attempt: number;
  readonly worker: ProcessIdentity | null;
}

/** One for `interceptors.activity` of all workers of this process. @throws `WorkerDied` in place of the third try. */
export function countDeaths(home: Home): ActivityInterceptorsFactory {
  const folder = path.join(home.engine, 'in-hand');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const worker = identify(process.pid);
  const turns: Turns = { last: Promise.resolve() };
  return (context) => ({
    inbound: {
      execute: async (input, next) => {
        const { activityType, attempt } = context.info;
        if (!READERS.has(activityType)) return next(input);
        const file = path.join(folder, `${keyOf(context)}.json`);
        const deaths = deathsIn(readNote(file), home);
        if (deaths >= MOST_DEATHS) throw died(file, activityType);
        const done = deaths > 0 ? await turn(context, turns) : () => undefined;
        try {
          writeFileSync(file, JSON.stringify({ deaths, attempt, worker } satisfies Note), { mode: 0o600 });
          return await next(input);
        } finally {
          if (readNote(file)?.attempt === attempt) rmSync(file, { force: true });
          done();
        }
      },
    },
  });
}

function died(file: string, activity: string): Error {
  rmSync(file, { force: true });
  const what = `the worker of the engine died ${MOST_DEATHS} times while it did ${activity}, which is not tried again`;
  const next = 'see engine/logs/worker.log in MVCA_HOME for how it ended; correct what is read there, and deploy again';
  return fail('WorkerDied', `${what}. Next: ${next}`);
}

/** The same for every attempt. */
function keyOf({ info: { workflowExecution, activityId } }: Context): string {
  const { workflowId = '', runId = '' } = workflowExecution ?? {};
  return createHash('sha256')
    .update(JSON.stringify([workflowId, runId, activityId]))
    .digest('hex')
    .slice(0, 32);
}

function readNote(file: string): Note | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Note;
  } catch {
    return null; // nothing was in hand, or the note is half of one
  }
}

function deathsIn(note: Note | null, home: Home): number {
  if (note === null) return 0;
  const { deaths, worker } = note;
  const crashed = crashesOf(home).some(({ pid, started }) => pid === worker?.pid && started === worker.started);
  return crashed ? deaths + 1 : deaths;
}

interface Turns {
  last: Promise<void>;
}

/** Waits until no other suspect works; heartbeats meanwhile. Answers how to let the next one work. */
async function turn(context: Context, turns: Turns): Promise<() => void> {
  const before = turns.last;
  let done = (): void => undefined;
  turns.last = new Promise((resolve) => (done = resolve));
  const timer = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    await Promise.race([before, context.cancelled]);
    return done;
  } catch (cancelled) {
    void before.then(done);
    throw cancelled;
  } finally {
    clearInterval(timer);
  }
}
