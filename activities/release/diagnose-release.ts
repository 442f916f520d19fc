/** Why did this release fail? Looks at what there is of it on this machine, while it is still there. Changes nothing. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';
import type { Diagnosis } from '../../domain/diagnosis/answer';
import { contextIn } from '../../domain/diagnosis/context';
import { explain } from '../../domain/diagnosis/explain';
import type { Mark } from '../../domain/judge/readings';
import { releaseFolder } from '../../system/home';
import { readLogText } from '../../system/log-text';
import type { ReleaseRef } from '../contract';
import type { DiagnoseRequest } from '../diagnose-contract';
import type { ReleaseDeps } from './deps';
import { releaseFacts } from './release-facts';
import { routeOf } from './route';

/** So much is read in a quarter of a second; the worker has other work. */
const NEW_LOG_BYTES = 2 * 1024 * 1024;
const OLD_LOG_BYTES = 1024 * 1024;
const LONGEST_CODE = 1024 * 1024;

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
  const file = readerIn(roots);
  return explain({
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
      code: (place) => file(place.file)?.split('\n')[place.line - 1] ?? null,
    },
    context: contextIn(app, environment),
    file,
    roots,
    mark: mark as Mark | null,
    epoch: router?.epoch ?? null,
  });
}

const folderOf = ({ home }: ReleaseDeps, { app, environment, release }: ReleaseRef): string =>
  releaseFolder(home, app, environment.name, release);

/** Reads code of these releases alone: what a log names is not trusted. Each file once. */
function readerIn(roots: readonly string[]): (file: string) => string | null {
  const read = new Map<string, string | null>();
  return (file) => {
    const known = read.get(file);
    if (known !== undefined) return known;
    const isOurs = /\.[cm]?[jt]sx?$/.test(file) && roots.some((root) => realPath(file).startsWith(root));
    const text = isOurs ? textOf(file) : null;
    read.set(file, text);
    return text;
  };
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file); // not there
  }
}

function textOf(file: string): string | null {
  try {
    const found = statSync(file);
    return found.isFile() && found.size <= LONGEST_CODE ? readFileSync(file, 'utf8') : null;
  } catch {
    return null; // not of this release, or removed
  }
}
