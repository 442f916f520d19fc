/** Starts a release without traffic, or ensures that a kept one runs, and waits until every instance is healthy. */
import type { ReleaseRef } from '../contract';
import type { SecretVersions } from '../../domain/plan/agreed';
import type { ReleaseStatus, RestartedRelease, StartedRelease } from '../../domain/release';
import type { HealthSpec } from '../../domain/spec/spec';
import type { Artifact } from '../../domain/source';
import type { Address } from '../../domain/words';
import type { FailureType } from '../../domain/failures';
import { diskWords, fail, wordsOf } from '../failure';
import { releaseFolder } from '../../system/home';
import type { ReleasePlace } from '../../system/release-connect';
import { tailLogs } from '../../system/logs';
import { withProgress, type ProgressReport } from '../progress';
import type { ReleaseDeps } from './deps';
import { checkOwn, getsOf } from './own-checks';

/** Bound of all log files of a release. */
const LOG_BYTES = 100 * 1024 * 1024;
const TOLD_LINES = 15;

export type StartRequest = ReleaseRef & {
  readonly version: string;
  readonly artifact: Artifact;
  readonly count?: number;
  readonly secretVersions?: SecretVersions;
};

export async function startRelease(deps: ReleaseDeps, request: StartRequest): Promise<StartedRelease> {
  const { app, environment, release, version, artifact, count } = request;
  const { platform, variables, stop, health } = environment;
  const checks = { health, smoke: getsOf(environment.smoke) };
  return withProgress(async (report) => {
    report.doing(`starting ${release}`);
    const [file, secrets] = await Promise.all([deps.openArtifact(artifact), secretsOf(deps, request)]);
    const begun = performance.now();
    const started = deps.platform.start({
      app,
      environment: environment.name,
      release,
      version,
      artifact: artifact.digest,
      start: platform.start,
      directory: platform.directory,
      instances: platform.instances,
      port: platform.port,
      variables,
      persistent: platform.persistent,
      graceMs: stop.graceMs,
      logBytes: LOG_BYTES,
      checks,
      artifactFile: file,
      artifactKind: artifact.kind,
      secrets: secrets.values,
      ...(count === undefined ? {} : { count }),
    });
    const { instances } = await started.catch((error: unknown) => {
      throw diskWords(error, `${release} cannot be unpacked`);
    });
    const healthy = await untilHealthy(deps, { request, health, addresses: instances, begun, report });
    return { ...healthy, secretVersions: secrets.versions };
  });
}

export async function restartRelease(
  deps: ReleaseDeps,
  request: ReleaseRef & { readonly smoke?: boolean },
): Promise<RestartedRelease> {
  return withProgress(async (report) => {
    const begun = performance.now();
    report.doing(`ensuring that ${request.release} runs`);
    const { instances, checks } = await deps.platform.scale(placeOf(request), 'all');
    const health = checks?.health ?? request.environment.health;
    const started = await untilHealthy(deps, { request, health, addresses: instances, begun, report });
    if (checks === null) return started;
    if (request.smoke === true)
      await checkOwn(deps.checkOf(placeOf(request)), { checks, addresses: instances, report });
    return { ...started, checks };
  });
}

interface Waiting {
  readonly request: ReleaseRef;
  readonly health: HealthSpec;
  readonly addresses: readonly Address[];
  readonly begun: number;
  readonly report: ProgressReport;
}

export async function untilHealthy(
  deps: ReleaseDeps,
  { request, health, addresses, begun, report }: Waiting,
): Promise<StartedRelease> {
  report.doing(`waiting until ${request.release} is healthy on ${health.path}`);
  await deps.awaitHealthy({
    addresses,
    check: deps.checkOf(placeOf(request)),
    health,
    signal: report.signal,
    release: () => statusOf(deps, request),
    lastLines: () => lastLines(deps, request),
    tell: (line) => report.line(line),
  });
  return { addresses, seconds: (performance.now() - begun) / 1000 };
}

/** The release as everything that knows homes names it. */
export const placeOf = ({ app, environment, release }: ReleaseRef): ReleasePlace => ({
  app,
  environment: environment.name,
  release,
});

export async function statusOf(
  deps: ReleaseDeps,
  { app, environment, release }: ReleaseRef,
): Promise<ReleaseStatus | null> {
  const all = await deps.platform.status(app, environment.name);
  return all.find((status) => status.release === release) ?? null;
}

/** What the instances said last, secrets masked already. */
async function lastLines({ home }: ReleaseDeps, { app, environment, release }: ReleaseRef): Promise<readonly string[]> {
  const lines = await tailLogs(releaseFolder(home, app, environment.name, release), TOLD_LINES);
  return lines.map(({ line }) => line);
}

interface SecretsNow {
  /** By variable name. */
  readonly values: Readonly<Record<string, string>>;
  readonly versions: SecretVersions;
}

/** @throws `SecretChanged` where one is not as it was approved. */
async function secretsOf(deps: ReleaseDeps, { app, environment, secretVersions }: StartRequest): Promise<SecretsNow> {
  const user = { app, environment: environment.name };
  const resolved = Object.entries(environment.secrets).map(async ([name, reference]) => {
    try {
      return [name, await deps.secrets.resolve(reference, user)] as const;
    } catch (error) {
      const type = (error as { readonly type?: FailureType }).type ?? 'SecretMissing';
      throw fail(type, `${name}: ${wordsOf(error)}`);
    }
  });
  const found = await Promise.all(resolved);
  const versions = Object.fromEntries(found.map(([name, { version }]) => [name, version]));
  for (const [name, approved] of Object.entries(secretVersions ?? {})) {
    if ((versions[name] ?? null) === approved) continue;
    const words = `${name} of ${app} in ${environment.name} has version ${versions[name] ?? 'none'} now, and ${approved ?? 'none'} was approved`;
    throw fail('SecretChanged', `${words}. Next: mvca deploy, which asks for an approval of what is so now`);
  }
  return { values: Object.fromEntries(found.map(([name, { value }]) => [name, value])), versions };
}
