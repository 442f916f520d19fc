/** What a release's folder, runner and instances tell of it, for the diagnosis. Values of variables and secrets do not leave this file. */
import path from 'node:path';
import type { Answered, DefinitionFacts, InstanceAnswer, ReleaseFacts } from '../../domain/diagnosis/facts';
import type { RouterState } from '../../domain/host/router';
import type { InstanceStatus, ReleaseDefinition, UseHistory } from '../../domain/host/runner';
import { askAdmin } from '../../system/admin';
import { readJson } from '../../system/durable-file';
import { adminSocket, type Home } from '../../system/home';
import { listeningPorts } from '../../system/listening-ports';
import { readMainThreads, wantedBetween } from '../../system/main-thread';
import { readProcesses } from '../../system/process-group';
import { fingerprint, unseal } from '../../system/sealed';
import type { ReleaseRef } from '../contract';
import type { HttpCheck } from '../gates/http-check';
import type { ReleaseDeps } from './deps';
import { packageFacts } from './package-facts';
import { placeOf, statusOf } from './start-release';

const ASK_MS = 1_500;

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
  const [{ packages, node, unread }, answers] = await Promise.all([
    packageFacts(app, path.join(folder, 'app')),
    ask ? answersOf(deps, ref, instances) : [],
  ]);
  return {
    release: ref.release,
    version: definition?.version ?? status?.version ?? '',
    definition: definition === null ? null : await definitionFacts(deps.home, definition, node),
    secrets,
    packages,
    ...(unread.length === 0 ? {} : { unread }),
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
      const before = mainThreads(pid);
      const [one, other, listening] = await Promise.all([
        answerOf(check, port, health),
        answerOf(check, port, '/'),
        pid === null ? null : listeningPorts(pid).catch(() => null), // /proc may be closed to us
      ]);
      return { instance, health: one, root: other, listening, main: wantedBetween(before, mainThreads(pid)) };
    }),
  );
}

/** Of an instance's whole process group, which bears the number of its leader. */
const mainThreads = (leader: number | null) =>
  readMainThreads(
    readProcesses()
      .filter(({ group }) => group === leader)
      .map(({ pid }) => pid),
  );

const ANY = { status: Array.from({ length: 500 }, (_, at) => at + 100), contains: null, type: null, header: {} };

async function answerOf(check: HttpCheck, port: number, at: string): Promise<Answered> {
  const { status, code, ms } = await check({ host: '127.0.0.1', port }, { ...ANY, path: at, timeoutMs: ASK_MS });
  return { path: at, status, code, ms };
}
