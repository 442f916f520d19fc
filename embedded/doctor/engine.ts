/** What the embedded stack needs, and whether it runs. */
import { readFile, stat } from 'node:fs/promises';
import type { Home } from '../../system/home';
import { ACCOUNT_NEXT } from '../../system/release-account';
import { keyFile } from '../../system/sealed';
import { likelyAccount } from '../account';
import { PART_NAMES, PARTS } from '../engine';
import type { EngineState } from '../engine';
import { homeFormat } from '../home-format';
import { logFile, postgresFolder } from '../places';
import { postgresBinaries } from '../postgres-binaries';
import { processesOf } from '../processes';
import { engineState } from '../state';
import { findTemporalCli } from '../temporal-cli';
import { decidedByOthers } from './above';
import { failing, ok, warning } from './finding';
import type { Finding } from './finding';

export async function homeFolder(home: Home): Promise<Finding> {
  const found = await stat(home.root).catch(() => null);
  const above = await decidedByOthers(home.root);
  if (above !== null) {
    return warning(
      'home',
      `${above}, who could put another folder in the place of ${home.root}`,
      'set MVCA_HOME to a folder below your own',
    );
  }
  if (found === null) return ok('home', `${home.root} is made at the first start`);
  if ((found.mode & 0o077) !== 0) {
    return warning('home', `${home.root} can be entered by others`, `chmod 700 ${home.root}`);
  }
  const format = await homeFormat(home);
  return ok('home', `${home.root}${format === null ? '' : `, format ${format}`}`);
}

export async function key(home: Home): Promise<Finding> {
  const file = keyFile(home);
  const found = await stat(file).catch(() => null);
  if (found === null) return ok('key', 'is made when the first secret is kept');
  return (found.mode & 0o077) === 0
    ? ok('key', `${file}: keep a copy of it elsewhere`)
    : failing('key', `${file} can be read by others`, `chmod 600 ${file}`);
}

/** Fetches it when it is not there: what `up` would do. */
export async function temporal(home: Home): Promise<Finding> {
  const cli = await findTemporalCli(home, () => undefined);
  return ok('temporal', `${cli.path}, version ${cli.version}, ${cli.how}`);
}

export async function postgres(home: Home): Promise<Finding> {
  const folder = postgresFolder(home);
  const account = await likelyAccount(folder);
  const binaries = await postgresBinaries(home, account, () => undefined);
  const found = await readFile(`${folder}/data/PG_VERSION`, 'utf8').catch(() => null);
  if (found !== null && Number.parseInt(found, 10) !== binaries.major) {
    return failing(
      'postgres',
      `the data is of version ${found.trim()}, the program is ${binaries.version}`,
      'use the mvca that made the data, or another MVCA_HOME',
    );
  }
  if (account !== null && account.isOwn !== true) {
    return warning(
      'postgres',
      `${binaries.version}, run as ${account.name}: whatever else runs under that account can read and change the records`,
      ACCOUNT_NEXT,
    );
  }
  return ok('postgres', `${binaries.version}, run as ${account?.name ?? 'this user'}`);
}

export async function parts(home: Home, state: EngineState | null): Promise<Finding[]> {
  if (state === null) return [ok('engine', 'does not run; `mvca up` starts it')];
  return PARTS.map((name) => {
    const { state: now, reason, restarts, address } = state.parts[name];
    const text = `${PART_NAMES[name]}: ${now}${address === null ? '' : ` at ${address}`}, started again ${restarts} times`;
    if (now === 'running') return ok('engine', text);
    return failing('engine', `${text}${reason === null ? '' : `: ${reason}`}`, `read ${logFile(home, name)}`);
  });
}

/** Processes of the engine that no supervisor looks after. */
export async function leftovers(home: Home): Promise<Finding> {
  if ((await engineState(home)) !== null) return ok('leftovers', 'none');
  const found = await processesOf(home);
  const pids = Object.values(found).flatMap((identities) => identities.map(({ pid }) => pid));
  return pids.length === 0
    ? ok('leftovers', 'none')
    : warning(
        'leftovers',
        `processes ${pids.join(', ')} run without a supervisor`,
        '`mvca up` takes them over, `mvca down` ends them',
      );
}
