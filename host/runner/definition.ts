/** What a runner works with, read once at its start: the only place where it reads its own environment. */
import path from 'node:path';
import type { ReleaseDefinition } from '../../domain/host/runner';
import { readJson } from '../../system/durable-file';
import { homeAt, type Home } from '../../system/home';
import { homeRootOf } from '../../system/keeper';
import { readReleaseAccount } from '../../system/release-account';
import { cleanEnvironment } from '../../system/run-command';
import type { Account } from '../../system/sandbox/sandbox';
import { unseal } from '../../system/sealed';
import { markOf } from '../../system/strays';

export interface Release {
  readonly home: Home;
  readonly directory: string;
  readonly definition: ReleaseDefinition;
  readonly secrets: Readonly<Record<string, string>>;
  /** Whose its instances are; null: ours. */
  readonly account: Account | null;
  /** Where its instances under an account of their own find their home: the same for each of their releases. */
  readonly homeInside: string;
  /** `PATH`, `HOME`, `LANG`, `TZ`. */
  readonly base: Readonly<Record<string, string>>;
  /** By which its processes are found wherever they went. */
  readonly mark: string | null;
}

/** @throws Error when there is no `release.json`, or when the secrets cannot be opened. */
export async function readRelease(directory: string): Promise<Release> {
  const home = homeAt(homeRootOf(directory) ?? process.env['MVCA_HOME']);
  const file = path.join(directory, 'release.json');
  const definition = await readJson<ReleaseDefinition>(file);
  if (definition === null) throw new Error(`there is no ${file}; a release is started by \`mvca deploy\``);
  const { app, environment, release } = definition;
  const sealed = path.join(directory, 'secrets.sealed');
  const secrets = await unseal<Record<string, string>>(home, sealed, `release/${app}/${environment}/${release}`);
  const account = await readReleaseAccount(directory);
  const homeInside = path.join(home.host, 'homes', app, environment);
  const base = { ...cleanEnvironment(), ...(account === null ? {} : { HOME: homeInside }) };
  return { home, directory, definition, secrets: secrets ?? {}, account, homeInside, base, mark: markOf(directory) };
}
