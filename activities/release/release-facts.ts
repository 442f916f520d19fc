/** What a release's folder, runner and instances tell of it, for the diagnosis. Values of variables and secrets do not leave this file. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Answered, DefinitionFacts, InstanceAnswer, Packages, ReleaseFacts } from '../../domain/diagnosis/facts';
import type { RouterState } from '../../domain/host/router';
import type { InstanceStatus, ReleaseDefinition, UseHistory } from '../../domain/host/runner';
import { askAdmin } from '../../system/admin';
import { readJson } from '../../system/durable-file';
import { adminSocket, type Home } from '../../system/home';
import { listeningPorts } from '../../system/listening-ports';
import { fingerprint, unseal } from '../../system/sealed';
import { bounded } from '../bounded';
import type { ReleaseRef } from '../contract';
import type { HttpCheck } from '../gates/http-check';
import type { ReleaseDeps } from './deps';
import { placeOf, statusOf } from './start-release';

const ASK_MS = 1_500;
/** Lock files are long; a longer one is not read. */
const MOST_BYTES = 32 * 1024 * 1024;
const LOCK_MS = 2_000;

export interface Known {
  readonly ref: ReleaseRef;
  readonly folder: string;
  readonly router: RouterState | null;
  /** Whether its instances are asked for an answer. */
  readonly ask: boolean;
}

export async function releaseFacts(deps: ReleaseDeps, { ref, folder, router, ask }: Known): Promise<ReleaseFacts> {
  const [definition, status, uses, secrets] = await Promise.all([
    readJson<ReleaseDefinition>(path.join(folder, 'release.json')).catch(() => null), // damaged: as if not kept
    statusOf(deps, ref).catch(() => null),
    usesOf(folder),
    secretsOf(deps.home, ref, folder),
  ]);
  const app = path.join(folder, 'app', definition?.directory ?? '.');
  const instances = status?.instances ?? [];
  const [manifest, answers] = await Promise.all([manifestIn(app), ask ? answersOf(deps, ref, instances) : []]);
  return {
    release: ref.release,
    version: definition?.version ?? status?.version ?? '',
    definition:
      definition === null ? null : await definitionFacts(deps.home, definition, manifest.engines?.node ?? null),
    secrets,
    packages: await packagesIn([app, path.join(folder, 'app')], Object.keys(manifest.dependencies ?? {})),
    instances,
    uses,
    figures: router?.figures[ref.release] ?? null,
    answers,
  };
}

/** A runner of an older version keeps none. */
async function usesOf(folder: string): Promise<UseHistory> {
  return askAdmin<UseHistory>(await adminSocket(folder), 'GET', '/use', { timeoutMs: ASK_MS }).catch(() => ({}));
}

async function secretsOf(home: Home, { app, environment, release }: ReleaseRef, folder: string) {
  const context = `release/${app}/${environment.name}/${release}`;
  const file = path.join(folder, 'secrets.sealed');
  const values = await unseal<Record<string, string>>(home, file, context).catch(() => null);
  return values === null ? null : fingerprints(home, values);
}

async function fingerprints(home: Home, values: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const pairs = Object.entries(values).map(async ([name, value]) => [name, await fingerprint(home, value)] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

async function definitionFacts(
  home: Home,
  definition: ReleaseDefinition,
  node: string | null,
): Promise<DefinitionFacts> {
  const { start, directory, instances, port, persistent, graceMs, checks = null } = definition;
  return {
    start,
    directory,
    instances,
    port,
    persistent,
    graceMs,
    checks,
    variables: await fingerprints(home, definition.variables),
    node,
  };
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly engines?: { readonly node?: string };
}

const manifestIn = async (app: string): Promise<Manifest> =>
  (await readJson<Manifest>(path.join(app, 'package.json')).catch(() => null)) ?? {};

/** The last is what npm writes of what it installed: it is there where the lock file is not in the artifact. */
const LOCK_FILES = [
  'npm-shrinkwrap.json',
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'node_modules/.package-lock.json',
];

async function packagesIn(folders: readonly string[], direct: readonly string[]): Promise<Packages | null> {
  for (const folder of new Set(folders)) {
    for (const name of LOCK_FILES) {
      const text = await textOf(path.join(folder, name)).catch(() => null);
      if (text === null) continue;
      const file = path.basename(name);
      const versions = await bounded('lockFile', { name: file, text }, LOCK_MS);
      if (versions.kind === 'done' && versions.value !== null) return { file, versions: versions.value, direct };
    }
  }
  return null;
}

async function textOf(file: string): Promise<string | null> {
  const handle = await open(file, 'r');
  try {
    return (await handle.stat()).size > MOST_BYTES ? null : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function answersOf(
  deps: ReleaseDeps,
  ref: ReleaseRef,
  instances: readonly InstanceStatus[],
): Promise<InstanceAnswer[]> {
  const { path: health } = ref.environment.health;
  const asked = instances.filter(({ pid }) => pid !== null).slice(0, 4);
  const check = deps.checkOf(placeOf(ref));
  return Promise.all(
    asked.map(async ({ instance, port, pid }) => {
      const [one, other, listening] = await Promise.all([
        answerOf(check, port, health),
        answerOf(check, port, '/'),
        pid === null ? null : listeningPorts(pid).catch(() => null), // /proc may be closed to us
      ]);
      return { instance, health: one, root: other, listening };
    }),
  );
}

const ANY = { status: Array.from({ length: 500 }, (_, at) => at + 100), contains: null, type: null, header: {} };

async function answerOf(check: HttpCheck, port: number, at: string): Promise<Answered> {
  const { status, code, ms } = await check({ host: '127.0.0.1', port }, { ...ANY, path: at, timeoutMs: ASK_MS });
  return { path: at, status, code, ms };
}
