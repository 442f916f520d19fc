/** The state of the engine and of every application, for `status` without a name. */
import type { MachineFacts } from '../../activities/facts-contract';
import type { ReleaseView, WaitingFor } from '../../domain/deployment';
import { duration } from '../../domain/reports/words';
import { outcomeSentence } from '../../domain/reports/sentence';
import { engineState, type EngineState } from '../../embedded';
import { PART_NAMES, PARTS } from '../../embedded/engine';
import { clusterWarning } from '../connection';
import { EngineUnreachable } from '../errors';
import { releaseViews } from '../standing';
import type { Cli } from './cli';
import { line, part, type Line } from './line';
import { headline, padEnd } from './text';
import { releaseLines } from './views/releases';

export interface StackState {
  readonly engine: {
    readonly kind: 'embedded' | 'cluster';
    readonly running: boolean;
    readonly address: string | null;
    readonly webUi: string | null;
    readonly home: string;
    /** Of the embedded engine. */
    readonly parts: EngineState['parts'] | null;
    readonly notes: readonly string[];
  };
  readonly apps: readonly {
    readonly app: string;
    readonly environment: string;
    readonly listen: string;
    readonly serving: boolean;
    readonly releases: readonly ReleaseView[];
  }[];
  readonly deployments: readonly {
    readonly app: string;
    readonly version: string;
    readonly says: string;
    readonly waitingFor: WaitingFor | null;
  }[];
}

export async function stackState(cli: Cli): Promise<StackState> {
  const state = cli.config.usesCluster ? null : await engineState(cli.config.home);
  const engine = engineOf(cli, state);
  if (engine.kind === 'embedded' && state === null) return { engine, apps: [], deployments: [] };
  try {
    return await readApps(cli, engine);
  } catch (error) {
    if (!(error instanceof EngineUnreachable)) throw error;
    return { engine: { ...engine, notes: [...engine.notes, error.message] }, apps: [], deployments: [] };
  }
}

/** Not known to run until it has answered. */
function engineOf({ config }: Cli, state: EngineState | null): StackState['engine'] {
  const shared = { running: false, home: config.home.root };
  if (config.usesCluster || state === null) {
    const kind = config.usesCluster ? 'cluster' : 'embedded';
    const notes = config.usesCluster ? [clusterWarning()].filter((note) => note !== null) : [];
    return { ...shared, kind, address: null, webUi: config.clusterUi, parts: null, notes };
  }
  const { temporal, parts, notes } = state;
  return {
    ...shared,
    kind: 'embedded',
    address: temporal?.address ?? null,
    webUi: temporal?.uiUrl ?? null,
    parts,
    notes,
  };
}

async function readApps(cli: Cli, engine: StackState['engine']): Promise<StackState> {
  const { connection, deployments } = await cli.engine({ start: false });
  const [machine, running] = await Promise.all([
    deployments.inspect<readonly MachineFacts[]>({ kind: 'machine', app: null }),
    deployments.running(),
  ]);
  const statuses = await Promise.all(running.map((deployment) => deployment.status()));
  return {
    engine: { ...engine, running: true, address: connection.address },
    apps: machine.map((facts) => ({
      app: facts.app,
      environment: facts.environment,
      listen: facts.listen,
      serving: facts.serving,
      releases: releaseViews(facts),
    })),
    deployments: statuses.map((status) => ({
      app: status.app,
      version: status.version,
      says: outcomeSentence(status),
      waitingFor: status.waitingFor,
    })),
  };
}

export function stackLines({ engine, apps, deployments }: StackState): readonly Line[] {
  return [
    ...engineLines(engine),
    ...(apps.length === 0 ? [] : [line()]),
    ...apps.flatMap((app) => [
      line(
        part(`${app.app} ${app.environment}`, 'strong'),
        `  ${app.listen}`,
        part(app.serving ? '' : '  no router runs', 'bad'),
      ),
      ...releaseLines(app.releases, { withEnvironment: false }),
    ]),
    ...(deployments.length === 0 ? [] : [line()]),
    ...deployments.flatMap(({ says, waitingFor }) => [
      line(part(headline(says), waitingFor === null ? 'plain' : 'warn')),
      ...(waitingFor === null ? [] : [line('  ', part(waitingFor.answer, 'strong'))]),
    ]),
  ];
}

function engineLines(engine: StackState['engine']): readonly Line[] {
  const { kind, running, address, webUi, home, parts, notes } = engine;
  const where = kind === 'cluster' ? 'the cluster that the environment names' : home;
  const head = running
    ? line(part('the engine runs', 'good'), `  ${address ?? ''}  ${where}`)
    : line(
        part(
          parts === null && kind === 'embedded' ? 'the engine is not running' : 'the engine does not answer',
          'warn',
        ),
        `  ${where}`,
      );
  return [
    head,
    ...(webUi === null
      ? []
      : [line(part('  web UI      ', 'dim'), webUi, part(kind === 'embedded' ? '  log in: mvca ui' : '', 'dim'))]),
    ...(parts === null ? [] : PARTS.map((name) => partLine(PART_NAMES[name], parts[name]))),
    ...notes.map((note) => line(part(`  ${note}`, 'warn'))),
    ...(running || kind === 'cluster'
      ? []
      : [line('  releases and routers serve without it; start it: ', part('mvca up', 'strong'))]),
  ];
}

function partLine(
  name: string,
  { state, since, restarts, reason }: EngineState['parts'][keyof EngineState['parts']],
): Line {
  const words = [
    `${state} for ${duration((Date.now() - since) / 1000)}`,
    ...(restarts > 0 ? [`started again ${restarts} ${restarts === 1 ? 'time' : 'times'}`] : []),
    ...(state === 'running' || reason === null ? [] : [reason]),
  ];
  return line(part(`  ${padEnd(name, 11)} `, 'dim'), part(words.join(', '), state === 'running' ? 'plain' : 'warn'));
}
