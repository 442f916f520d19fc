/** One process for each home that runs: keeps Temporal, PostgreSQL and the worker. Started by `up`, outlives it and its terminal. */
import { text } from 'node:stream/consumers';
import { AdminRefusal, serveAdmin } from '../../system/admin';
import type { AdminRequest } from '../../system/admin';
import { adminSocket, homeAt } from '../../system/home';
import { tryLock } from '../../system/lock';
import { note, traceOf } from '../../system/note';
import { closeInherited } from '../../system/inherited';
import { nameProcess } from '../../system/unit-process';
import { PARTS } from '../engine';
import type { EngineState, PartName } from '../engine';
import { logFile, programIdentity, supervisorLock } from '../places';
import { homeDatabase } from '../postgres';
import type { Context, StartRequest } from './context';
import { boundLog } from './log-file';
import { Part } from './part';
import { postgresPart } from './postgres-part';
import { temporalPart } from './temporal-part';
import { workerPart } from './worker-part';

const HOUSEKEEPING_MS = 2_000;
/** The worker first: it lets go of what it does while the two others still answer. */
const STOP_ORDER: readonly PartName[] = ['worker', 'temporal', 'postgres'];

type Parts = Readonly<Record<PartName, Part>>;

async function main(): Promise<void> {
  closeInherited();
  nameProcess('mvca-supervisor');
  process.on('SIGHUP', () => undefined); // the terminal that started it is closed: nothing to do with it
  const home = homeAt(process.env['MVCA_HOME']);
  const lock = await tryLock(supervisorLock(home));
  if (lock === null) throw new Error(`another supervisor has ${home.root} already`);
  const request = JSON.parse(await text(process.stdin)) as StartRequest;
  const context: Context = { home, request, log: note, database: await homeDatabase(home), temporal: null, notes: [] };
  const parts = startParts(context);
  const stop = once(async (leave: readonly PartName[]) => {
    for (const name of STOP_ORDER) await parts[name].stop(leave.includes(name));
  });
  const leave = () => {
    clearInterval(timer);
    note('stopped');
    server.close(() => process.exit(0)); // the answer to who asked for the stop goes out first
  };
  const supervised: Supervised = { context, parts, since: Date.now(), stop, leave };
  const server = await serveAdmin(await adminSocket(home.engine), (asked) => answer(asked, supervised));
  const timer = setInterval(
    () => void keepHouse(context).catch((error: Error) => note(error.message)),
    HOUSEKEEPING_MS,
  );
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => void stop([]).then(leave));
  note(`supervises ${home.root}`);
}

function startParts(context: Context): Parts {
  const part = (definition: ConstructorParameters<typeof Part>[0]) => new Part(definition, context.log);
  const worker = part(workerPart(context));
  const temporal = part(temporalPart(context, () => void worker.replace('Temporal has another address')));
  const postgres = part(postgresPart(context));
  temporal.keep();
  postgres.keep();
  worker.keep(Promise.all([temporal.whenServing(), postgres.whenServing()]));
  return { temporal, postgres, worker };
}

interface Supervised {
  readonly context: Context;
  readonly parts: Parts;
  readonly since: number;
  /** Stops all parts but the named ones, which go on by themselves. */
  readonly stop: (leave: readonly PartName[]) => Promise<void>;
  /** Ends this process. */
  readonly leave: () => void;
}

async function answer({ method, url, body }: AdminRequest, supervised: Supervised): Promise<unknown> {
  switch (`${method} ${url.pathname}`) {
    case 'GET /state':
      return stateOf(supervised);
    case 'PUT /stop': {
      const { leave = [] } = (body ?? {}) as { leave?: readonly PartName[] };
      await supervised.stop(leave);
      setImmediate(supervised.leave);
      return stateOf(supervised);
    }
    default:
      throw new AdminRefusal(404, `${method} ${url.pathname} is not known: GET /state, PUT /stop`);
  }
}

function stateOf({ context, parts, since }: Supervised): EngineState {
  const { home, temporal, database, notes } = context;
  const statuses = Object.fromEntries(
    PARTS.map((name) => [name, parts[name].read()]),
  ) as unknown as EngineState['parts'];
  return { pid: process.pid, program: identity, home: home.root, since, parts: statuses, temporal, database, notes };
}

/** Read once: an update of the package changes the file under a running supervisor. */
const identity = programIdentity();

async function keepHouse({ home }: Context): Promise<void> {
  await Promise.all([...PARTS, 'supervisor' as const].map((name) => boundLog(logFile(home, name))));
  await homeDatabase(home);
}

/** However many ask for the end, there is one. */
function once<A>(work: (argument: A) => Promise<void>): (argument: A) => Promise<void> {
  let running: Promise<void> | null = null;
  return (argument) => (running ??= work(argument));
}

main().catch((error: unknown) => {
  note(traceOf(error));
  process.exit(1);
});
