/**
 * The runner: `mvca-runner <folder of a release>`. Says over its admin socket how the instances are (`domain/host/runner.ts`).
 * SIGTERM ends the runner alone; its instances go on, and the next runner adopts them. Only `PUT /stop` stops them.
 */
import type http from 'node:http';
import { AdminRefusal, serveAdmin, type AdminRequest } from '../../system/admin';
import { adminSocket } from '../../system/home';
import { note, traceOf } from '../../system/note';
import { enterUnit } from '../../system/unit-process';
import { forgetUnit, listUnits } from '../../system/units';
import { watchHome } from '../keeper/home-gone';
import { watchKeeper } from '../keeper/revive';
import { readRelease, type Release } from './definition';
import { startRunner, type Runner } from './runner';

/** An answer that is on its way gets so long to be read. */
const LAST_ANSWER_MS = 1_000;

async function main(directory: string): Promise<void> {
  if ((await enterUnit(directory, 'runner')) === null) process.exit(0);
  watchKeeper(directory);
  const release = await readRelease(directory);
  const started = deferred<Runner>();
  const server = await serveAdmin(await adminSocket(directory), async (request) => {
    const runner = await started.promise;
    return answer(request, release, { runner, leave: () => leave(server, runner) });
  });
  // After the socket is there: while it is made the umask of this process is not the one that instances should inherit.
  const runner = await startRunner(release);
  const end = () => endNow(runner);
  process.on('SIGTERM', end).on('SIGINT', end);
  watchHome(() => void runner.stop().finally(() => endNow(runner)));
  started.resolve(runner);
}

async function answer(
  request: AdminRequest,
  release: Release,
  { runner, leave }: { runner: Runner; leave: () => void },
): Promise<unknown> {
  const asked = `${request.method} ${request.url.pathname}`;
  if (asked === 'GET /state') return runner.state();
  if (asked === 'PUT /instances') {
    await runner.scale(readCount(request.body, release));
    return runner.state();
  }
  if (asked === 'GET /use') return runner.use();
  if (asked === 'PUT /stop') {
    // Not wanted first: a keeper that finds this runner gone must not start everything again.
    await forgetMe(release);
    await runner.stop();
    leave();
    return runner.state();
  }
  throw new AdminRefusal(404, `${asked} is not known; there are GET /state, GET /use, PUT /instances and PUT /stop`);
}

/** All of the instances have ports of their own from the beginning: more than these there cannot be. */
function readCount(body: unknown, { definition }: Release): number {
  const count = (body as { count?: unknown } | null | undefined)?.count;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= definition.instances) return count;
  throw new AdminRefusal(
    400,
    `count is ${JSON.stringify(count) ?? 'missing'}; expected a whole number from 0 to ${definition.instances}`,
  );
}

async function forgetMe({ home, directory }: Release): Promise<void> {
  const units = await listUnits(home, () => undefined);
  for (const unit of units.filter((each) => each.directory === directory)) await forgetUnit(home, unit.name);
}

function leave(server: http.Server, runner: Runner): void {
  server.close(() => endNow(runner));
  setTimeout(() => endNow(runner), LAST_ANSWER_MS);
}

function endNow(runner: Runner): void {
  runner.flushLog();
  process.exit(0);
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((given) => (resolve = given));
  return { promise, resolve };
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  note(traceOf(error));
  process.exit(1);
});
