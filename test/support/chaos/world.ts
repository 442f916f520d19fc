/** A home of its own with the whole embedded stack, an application in production, and a client that counts. */
import type { AuditVerification } from '../../../domain/records';
import type { DeploymentStatus } from '../../../domain/deployment';
import type { Spec } from '../../../domain/spec/spec';
import { connect, type EngineConnection } from '../../../client/connection';
import { readConfig } from '../../../client/config';
import { createDeployments, type Deployments } from '../../../client/deployments';
import { down, up } from '../../../embedded';
import { startCounting, type CountingClient } from '../../../scripts/counting-client';
import { processesOf } from '../../../scripts/demo/leftovers';
import { homeAt, type Home } from '../../../system/home';
import { status as statusQuery } from '../../../workflows/messages';
import { scratch } from '../scratch';
import { chaosFolder, chaosSpec } from './application';

const PER_SECOND = 100;
const ANSWER_MS = 1_500;
const ENDING_MS = 10_000;
/** Between two looks: the first ones are for who waits for a moment to kill in. A look costs the engine about as much as a step. */
const LOOK_MS = { moment: 15, end: 150, away: 200 } as const;
/** From the start to the end of a deployment, whatever is killed. */
export const BOUND_MS = 150_000;

export interface Looking {
  /** Nobody approves meanwhile. */
  readonly hold?: boolean;
  /** `moment`, by default: looks often. `end`: leaves the engine its time. */
  readonly pace?: 'moment' | 'end';
}

export interface Followed {
  readonly version: string;
  /** null while the engine does not answer. */
  look(): Promise<DeploymentStatus | null>;
  /** Polls until the condition holds; approves as `bo` where that is waited for, unless `hold`. @throws Error with the last status. */
  until(condition: (status: DeploymentStatus) => boolean, how?: Looking): Promise<DeploymentStatus>;
  /** Waits until the run has ended, and answers how. */
  ended(): Promise<DeploymentStatus>;
  abort(reason: string): Promise<void>;
  /** Ends a run that has not ended by itself, so that it is not in the way of the next one. */
  giveUp(): Promise<void>;
}

export interface World {
  readonly home: Home;
  readonly spec: Spec;
  readonly client: CountingClient;
  up(): Promise<void>;
  deploy(how?: 'good' | 'bad', spec?: Spec): Promise<Followed>;
  verifyAudit(): Promise<AuditVerification>;
  /** Ends everything and answers what still runs of it. */
  close(): Promise<readonly string[]>;
}

const DIGITS = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

/** Starts the stack and takes the first release to production. About ten seconds. @param change of the spec */
export async function createWorld(change: (spec: Spec) => Spec = (same) => same): Promise<World> {
  const home = homeAt(scratch());
  const spec = change(await chaosSpec());
  const start = async () => void (await up(home, { log: () => undefined, environment: DIGITS }));
  await start();
  const config = readConfig({ ...DIGITS, MVCA_HOME: home.root, MVCA_USER: 'ana' });
  const connection = await connect({ config, start: false });
  const deployments = createDeployments(connection);
  let versions = 0;
  const deploy = async (how: 'good' | 'bad' = 'good', changed = spec) =>
    begin({ connection, deployments, spec: changed }, `1.${versions++}.0`, how);
  const first = await (await deploy()).ended();
  if (first.outcome !== 'succeeded') throw new Error(`the first release ended ${first.outcome}: ${first.reason}`);
  const port = spec.environments.at(-1)?.traffic.listen.port;
  const url = `http://127.0.0.1:${port}`;
  const client = startCounting({ url, perSecond: PER_SECOND, mix: [{ method: 'GET', path: '/', share: 1 }] });
  return {
    home,
    spec,
    client,
    up: start,
    deploy,
    verifyAudit: () => deployments.inspect<AuditVerification>({ kind: 'verify-audit' }),
    close: async () => {
      await client.stop();
      await connection.close();
      await down(home, { all: true, log: () => undefined });
      return leftOf(home);
    },
  };
}

/** What still runs of it; a unit that was started a moment before it was stopped sees that by itself, and ends. */
async function leftOf(home: Home): Promise<readonly string[]> {
  for (const deadline = Date.now() + ENDING_MS; Date.now() < deadline; await pause(100)) {
    if ((await processesOf(home.root)).length === 0) return [];
  }
  return (await processesOf(home.root)).map(({ pid, command }) => `${pid} ${command}`);
}

interface Means {
  readonly connection: EngineConnection;
  readonly deployments: Deployments;
  readonly spec: Spec;
}

async function begin(
  { connection, deployments, spec }: Means,
  version: string,
  how: 'good' | 'bad',
): Promise<Followed> {
  const directory = chaosFolder(version, how, spec);
  const deployment = await deployments.start({ spec, directory, version, dirty: true, requester: 'ana' });
  const { id, run } = deployment;
  const look = async (): Promise<DeploymentStatus | null> => {
    try {
      return await connection.within(ANSWER_MS, ({ workflow }) => workflow.getHandle(id, run).query(statusQuery));
    } catch {
      await connection.renew().catch(() => undefined);
      return null;
    }
  };
  const until: Followed['until'] = async (condition, { hold = false, pace = 'moment' } = {}) => {
    let last: DeploymentStatus | null = null;
    for (const deadline = Date.now() + BOUND_MS; Date.now() < deadline;) {
      const status = await look();
      last = status ?? last;
      if (status !== null && condition(status)) return status;
      const digest = status?.waitingFor?.kind === 'approval' && !hold ? status.waitingFor.digest : null;
      if (digest !== null) await deployment.approve({ by: 'bo', digest }).catch(() => undefined); // asked again in the next round
      await pause(LOOK_MS[status === null ? 'away' : pace]);
    }
    throw new Error(`never so: ${JSON.stringify({ ...last, plan: null }, null, 1)}`);
  };
  const isOver = async (): Promise<boolean> => (await deployment.look().catch(() => null))?.state === 'completed';
  const ended = async (): Promise<DeploymentStatus> => {
    await until(({ outcome }) => outcome !== null, { pace: 'end' });
    for (const deadline = Date.now() + BOUND_MS; !(await isOver()) && Date.now() < deadline;) await pause(50);
    return until(({ outcome }) => outcome !== null);
  };
  const giveUp = async (): Promise<void> => {
    for (const deadline = Date.now() + BOUND_MS; !(await isOver()) && Date.now() < deadline; await pause(1_000))
      await deployment.abort({ by: 'ana', reason: 'it did not end by itself' }).catch(() => undefined); // once more in the next round
  };
  const abort = async (reason: string): Promise<void> => void (await deployment.abort({ by: 'ana', reason }));
  return { version, look, until, ended, abort, giveUp };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
