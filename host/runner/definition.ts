/** What a runner works with, read once at its start: the only place where it reads its own environment. */
import path from 'node:path';
import type { ReleaseDefinition } from '../../domain/host/runner';
import { readJson } from '../../system/durable-file';
import { homeAt, type Home } from '../../system/home';
import { homeRootOf } from '../../system/keeper';
import { cleanEnvironment } from '../../system/run-command';
import { unseal } from '../../system/sealed';

export interface Release {
  readonly home: Home;
  readonly directory: string;
  readonly definition: ReleaseDefinition;
  readonly secrets: Readonly<Record<string, string>>;
  /** `PATH`, `HOME`, `LANG`, `TZ`. */
  readonly base: Readonly<Record<string, string>>;
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
  return { home, directory, definition, secrets: secrets ?? {}, base: cleanEnvironment() };
}
