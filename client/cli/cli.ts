/** What every command works with: settings, output, the engine, the application in this folder. */
import { formatProblem } from '../../domain/spec/format-problem';
import type { ClientConfig } from '../config';
import { connect, type EngineConnection } from '../connection';
import { createDeployments, type Deployments } from '../deployments';
import type { Deployment } from '../deployment';
import { NoDeployment } from '../errors';
import { appNameIn, loadSpec, SPEC_FILE, type LoadedSpec } from '../spec-file';
import { Halt } from './halt';
import type { Print } from './print';

export interface Engine {
  readonly connection: EngineConnection;
  readonly deployments: Deployments;
}

export interface Cli {
  readonly config: ClientConfig;
  readonly print: Print;
  /** The engine; with `start` the embedded stack is started when it does not run. Closed at the end of the command. */
  engine(options: {
    readonly start: boolean;
    /** File of the key that signs. */ readonly key?: string | undefined;
  }): Promise<Engine>;
  /** The application that is meant: the one named, else the one in this folder. @throws Halt */
  app(named: string | undefined): Promise<string>;
  /** The spec, right in all; else everything that is wrong is printed. @throws Halt */
  spec(file: string | undefined): Promise<Extract<LoadedSpec, { kind: 'read' }>>;
  close(): Promise<void>;
}

export function createCli(config: ClientConfig, print: Print): Cli {
  const open: EngineConnection[] = [];
  return {
    config,
    print,
    engine: async ({ start, key }) => {
      const connection = await connect({
        config,
        start,
        ...(key !== undefined && { key }),
        log: (line) => print.progress(line),
      });
      open.push(connection);
      return { connection, deployments: createDeployments(connection) };
    },
    app: (named) => appName(named),
    spec: (file) => readSpec(file, print),
    close: async () => {
      // A connection that is broken already has nothing to close.
      await Promise.all(open.map((connection) => connection.close().catch(() => undefined)));
    },
  };
}

/** The application's running deployment, or its last. @throws NoDeployment */
export async function currentDeployment({ deployments }: Engine, app: string): Promise<Deployment> {
  const deployment = await deployments.current(app);
  if (deployment !== null) return deployment;
  throw new NoDeployment(
    `no deployment of ${app} is known; past ones are in \`mvca list\`, and \`mvca deploy\` starts one`,
  );
}

/** The change of the application's policy that is waited for, or the last. @throws NoDeployment */
export async function currentPolicy({ deployments }: Engine, app: string): Promise<Deployment> {
  const change = await deployments.currentPolicy(app);
  if (change !== null) return change;
  throw new NoDeployment(`no change of the policy of ${app} is known; \`mvca policy set\` asks for one`);
}

async function appName(named: string | undefined): Promise<string> {
  const name = named ?? (await appNameIn());
  if (name === null) {
    throw new Halt(
      `which application? There is no ${SPEC_FILE} with an \`app\` in this folder: go to the application's folder, or name it`,
    );
  }
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) return name;
  throw new Halt(`\`${name}\` cannot be an application's name: lower-case letters, digits and dashes, at most 40`);
}

async function readSpec(file: string | undefined, print: Print): Promise<Extract<LoadedSpec, { kind: 'read' }>> {
  const loaded = await loadSpec(file);
  if (loaded.kind === 'unreadable') throw new Halt(loaded.reason);
  if (loaded.kind === 'read') {
    for (const warning of loaded.warnings) print.progress(`warning: ${formatProblem(warning)}`);
    return loaded;
  }
  for (const problem of loaded.problems) print.progress(formatProblem(problem));
  const count = loaded.problems.length;
  throw new Halt(`the spec is wrong in ${count} ${count === 1 ? 'place' : 'places'}; nothing was started`);
}
