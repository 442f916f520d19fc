/** What scenarios ask of a bench: what serves, what is left, how it was undone. */
import path from 'node:path';
import { createProcessPlatform } from '../../activities/platforms/process';
import type { DeploymentStatus } from '../../domain/deployment';
import type { ApprovalSpec, Spec } from '../../domain/spec/spec';
import { type Bench, request, type Running, shopFolder, shopSpec } from './deploying';

/** The shop under another name. */
export async function shopNamed(app: string, change?: Parameters<typeof shopSpec>[0]): Promise<Spec> {
  return { ...(await shopSpec(change)), app };
}

/** The same with an approval before production, by one of three who is not the requester, within a minute. */
export const approved = (spec: Spec, change: Partial<ApprovalSpec> = {}): Spec => ({
  ...spec,
  environments: spec.environments.map((environment) => ({
    ...environment,
    approval: environment.name === 'production' ? { ...APPROVAL, ...change } : null,
  })),
});

const APPROVAL: ApprovalSpec = {
  from: ['ana', 'bo', 'cy'],
  needs: 1,
  deadlineMs: 60_000,
  requester: 'may-not',
  onRejected: 'keep',
};

let shared: string | null = null;
/** One folder for all deployments of a file: the same source is built once. */
export const goodFolder = (): string => (shared ??= shopFolder());

export const deployed = async (bench: Bench, spec: Spec, version: string): Promise<Running> => {
  const running = await bench.start(request(spec, { version, directory: goodFolder() }));
  const { outcome, reason } = await running.result();
  if (outcome !== 'succeeded') throw new Error(`${version} should have gone well: ${outcome}: ${reason}`);
  return running;
};

/** Answers by what they say, of `count` requests to the router of an environment; `none` where nobody answers. */
export async function answers(spec: Spec, environment: string, count = 10): Promise<Record<string, number>> {
  const port = spec.environments.find(({ name }) => name === environment)?.traffic.listen.port ?? 0;
  const counts: Record<string, number> = {};
  for (let n = 0; n < count; n += 1) {
    const said = await fetch(`http://127.0.0.1:${port}/`).then(
      async (response) =>
        (await response.text()).startsWith('version') ? response.headers.get('x-app-version') : null,
      () => null,
    );
    counts[said ?? 'none'] = (counts[said ?? 'none'] ?? 0) + 1;
  }
  return counts;
}

/** Versions of the releases that have files or processes, newest first. */
export async function kept(bench: Bench, app: string, environment: string): Promise<string[]> {
  const all = await createProcessPlatform(bench.home).status(app, environment);
  return all.map(({ version, state }) => (state === 'running' ? version : `${version} ${state}`));
}

/** The undos in the order in which they ran. */
export const undone = (status: DeploymentStatus): string[] =>
  status.steps.filter(({ state }) => state === 'undone').map(({ environment, step }) => `${environment} ${step}`);

/** Actions of the audit log, oldest first. */
export async function audited(
  bench: Bench,
  app: string,
): Promise<{ action: string; actor: string; summary: string }[]> {
  const { Client } = await import('pg');
  const client = new Client({ ...bench.database.address });
  await client.connect();
  try {
    const found = await client.query<{ action: string; actor: string; summary: string }>(
      'select action, actor, summary from mvca.audit where app = $1 order by row',
      [app],
    );
    return found.rows;
  } finally {
    await client.end();
  }
}

export const historyFile = (name: string): string => path.join(__dirname, '../histories', `${name}.json`);
