/** Why did this release fail? Looks at what there is of it on this machine, while it is still there. Changes nothing. */
import { totalmem } from 'node:os';
import path from 'node:path';
import type { Diagnosis } from '../../domain/diagnosis/answer';
import { contextIn } from '../../domain/diagnosis/context';
import type { Mark } from '../../domain/judge/readings';
import { releaseFolder } from '../../system/home';
import { readLogText } from '../../system/log-text';
import { bounded, type PlainQuestion } from '../bounded';
import { realPath } from '../code-reader';
import type { ReleaseRef } from '../contract';
import type { DiagnoseRequest } from '../diagnose-contract';
import type { ReleaseDeps } from './deps';
import { releaseFacts } from './release-facts';
import { routeOf } from './route';

/** So much is read in a quarter of a second; the worker has other work. */
const NEW_LOG_BYTES = 2 * 1024 * 1024;
const OLD_LOG_BYTES = 1024 * 1024;
/** Of which a tenth is enough by far, on a machine that has time. */
const EXPLAIN_MS = 3_000;

export async function diagnoseRelease(deps: ReleaseDeps, request: DiagnoseRequest): Promise<Diagnosis> {
  const { app, environment, release, oldRelease, why, mark } = request;
  const router = await deps.traffic.read(routeOf(request)).catch(() => null); // away: without its figures
  const folder = folderOf(deps, request);
  const old: ReleaseRef | null = oldRelease === null ? null : { app, environment, release: oldRelease };
  const [fresh, before, freshLog, oldLog] = await Promise.all([
    releaseFacts(deps, { ref: request, folder, router, ask: true }),
    old && releaseFacts(deps, { ref: old, folder: folderOf(deps, old), router, ask: false }),
    readLogText(folder, NEW_LOG_BYTES),
    old === null ? '' : readLogText(folderOf(deps, old), OLD_LOG_BYTES),
  ]);
  const { platform, watch } = environment;
  const roots = [folder, ...(old === null ? [] : [folderOf(deps, old)])].map(
    (each) => `${realPath(path.join(each, 'app'))}${path.sep}`,
  );
  return explained({
    facts: {
      at: new Date().toISOString(),
      fresh,
      old: before,
      why,
      memoryLimitBytes: platform.memoryBytes ?? totalmem() / platform.instances,
      slowMs: watch.responseMs,
      errorStatuses: watch.errorStatuses,
    },
    logs: {
      fresh: [{ source: `log of ${release}`, text: freshLog }],
      old: oldRelease === null ? [] : [{ source: `log of ${oldRelease}`, text: oldLog }],
    },
    context: contextIn(app, environment),
    roots,
    mark: mark as Mark | null,
    epoch: router?.epoch ?? null,
  });
}

/** Where the logs cannot be read in time, by what else is known; the answer then says so. */
async function explained(question: PlainQuestion): Promise<Diagnosis> {
  const whole = await bounded('explain', question, EXPLAIN_MS);
  if (whole.kind === 'done') return whole.value;
  const [log] = question.logs.fresh;
  const source = log?.source ?? 'log';
  const unread = { source, at: null, text: `the log could not be read ${whole.why}; see it by \`mvca logs\`` };
  const rest = await bounded('explain', { ...question, logs: { fresh: [], old: [] } }, EXPLAIN_MS);
  if (rest.kind === 'over') throw new Error(`the diagnosis did not end ${rest.why}`);
  return { ...rest.value, unexplained: [unread, ...rest.value.unexplained] };
}

const folderOf = ({ home }: ReleaseDeps, { app, environment, release }: ReleaseRef): string =>
  releaseFolder(home, app, environment.name, release);
