/** The client's settings. With `connection.ts` (Temporal's own variables) the only place of the client that reads the environment. */
import os from 'node:os';
import { CONTROL_QUEUE } from '../workflows/messages';
import { homeAt, type Home } from '../system/home';

export interface ClientConfig {
  readonly home: Home;
  /** The person, where `--as` names none: `MVCA_USER`, else the account's name. */
  readonly user: string;
  /** File of the key that this person signs with (`MVCA_KEY`); undefined: one that the engine knows is looked for. */
  readonly key: string | undefined;
  /** A cluster was named (`TEMPORAL_ADDRESS`, `TEMPORAL_PROFILE` or `TEMPORAL_CONFIG_FILE`): nothing is started here. */
  readonly usesCluster: boolean;
  /** Where the Web UI of that cluster is (`MVCA_WEB_UI`); null: not known. */
  readonly clusterUi: string | null;
  /** Task queue of the workflows (`MVCA_TASK_QUEUE`). */
  readonly taskQueue: string;
  readonly colours: ColourWish;
  /** How a person types the program's name here: `npx mvca` where npx ran it. */
  readonly program: 'mvca' | 'npx mvca';
  /** false: the terminal cannot move its cursor. */
  readonly canRedraw: boolean;
}

/** `auto`: where the stream is a terminal. */
export type ColourWish = 'never' | 'always' | 'auto';

/** Never throws; makes nothing. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): ClientConfig {
  return {
    home: homeAt(environment['MVCA_HOME'], environment),
    user: environment['MVCA_USER'] || accountName(environment),
    key: environment['MVCA_KEY'] || undefined,
    usesCluster: ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some((name) => environment[name]),
    clusterUi: environment['MVCA_WEB_UI'] || null,
    taskQueue: environment['MVCA_TASK_QUEUE'] || CONTROL_QUEUE,
    colours: colourWish(environment),
    program: environment['npm_command'] === 'exec' ? 'npx mvca' : 'mvca',
    canRedraw: environment['TERM'] !== 'dumb',
  };
}

/** NO_COLOR (no-color.org) and FORCE_COLOR (force-color.org): any text but the empty one; `FORCE_COLOR=0` says no, as Node reads it. */
function colourWish(environment: NodeJS.ProcessEnv): ColourWish {
  const force = environment['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force === '0' ? 'never' : 'always';
  if (environment['NO_COLOR']) return 'never';
  return environment['TERM'] === 'dumb' ? 'never' : 'auto';
}

function accountName(environment: NodeJS.ProcessEnv): string {
  try {
    return os.userInfo().username;
  } catch {
    return environment['USER'] || `uid-${process.getuid?.() ?? 0}`; // an account without an entry, as in containers
  }
}
