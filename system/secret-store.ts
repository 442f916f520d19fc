/**
 * The encrypted store behind `secret://file/<app>/<environment>/<NAME>` (or `secret://file/<app>/<NAME>` for what belongs to
 * all environments): one sealed file an app and environment. Every change gives the secret a new version.
 */
import path from 'node:path';
import { canonicalJson } from '../domain/canonical-json';
import { secretValueProblem } from '../domain/secrets/value';
import type { Home } from './home';
import { acceptRestored, sealCounted, unsealCounted } from './counted';
import { withLock } from './lock';
import { RULES_CONTEXT, RULES_FILE } from './secret-rules';

const WAIT_MS = 10_000;
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** The place of secrets that belong to an app as a whole. */
export const ALL_ENVIRONMENTS = '_all';

/** One file of the store. */
interface StorePlace {
  readonly app: string;
  readonly environment: string;
}

/** One secret in it. */
export interface SecretPlace extends StorePlace {
  readonly name: string;
}

export interface StoredSecret {
  readonly value: string;
  /** 1, 2, …: grows with every `set`. */
  readonly version: number;
  readonly changedAt: string;
}

type Content = Record<string, StoredSecret>;

export async function getSecret(home: Home, place: SecretPlace): Promise<StoredSecret | null> {
  return (await read(home, place))[checked(place.name)] ?? null;
}

/** Sets a value; the same value again keeps its version. Answers the version. @throws when no variable could hold the value. */
export async function setSecret(home: Home, place: SecretPlace, value: string): Promise<number> {
  const problem = secretValueProblem(value);
  if (problem !== null) throw new Error(problem);
  return change(home, place, (content) => {
    const before = content[checked(place.name)];
    if (before?.value === value) return before.version;
    const version = (before?.version ?? 0) + 1;
    content[place.name] = { value, version, changedAt: new Date().toISOString() };
    return version;
  });
}

/** Answers whether it was there. */
export async function unsetSecret(home: Home, place: SecretPlace): Promise<boolean> {
  return change(home, place, (content) => {
    const had = content[checked(place.name)] !== undefined;
    delete content[place.name];
    return had;
  });
}

/** Names and versions; never values. */
export async function listSecrets(
  home: Home,
  app: string,
  environment: string,
): Promise<{ name: string; version: number; changedAt: string }[]> {
  const content = await read(home, { app, environment });
  return Object.entries(content)
    .map(([name, { version, changedAt }]) => ({ name, version, changedAt }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names of our own files in the folder have a dot, which no application's name has; the key's is older than that. */
const folderOf = (app: string): string => (app === 'key' ? 'key.app' : checked(app));

const file = (home: Home, { app, environment }: StorePlace): string =>
  path.join(
    home.secrets,
    folderOf(app),
    `${environment === ALL_ENVIRONMENTS ? environment : checked(environment)}.sealed`,
  );

const context = ({ app, environment }: StorePlace): string => `secrets/${app}/${environment}`;

const read = async (home: Home, place: StorePlace): Promise<Content> =>
  (await unsealCounted<Content>(home, file(home, place), context(place))) ?? {};

async function change<T>(home: Home, place: StorePlace, edit: (content: Content) => T): Promise<T> {
  const stored = file(home, place);
  return withLock(stored, WAIT_MS, async () => {
    const content = await read(home, place);
    const before = canonicalJson(content);
    const answer = edit(content);
    // An empty one stays: it counts, so that an earlier one that is put back is noticed.
    if (canonicalJson(content) !== before) await sealCounted(home, stored, context(place), content);
    return answer;
  });
}

/** Takes what was restored from a backup for what is so now; answers the files. */
export const acceptRestoredSecrets = (home: Home): Promise<readonly string[]> => acceptRestored(home, contextOfFile);

function contextOfFile(name: string): string | null {
  if (name === RULES_FILE) return RULES_CONTEXT;
  const [, folder, environment] = /^([^/]+)\/([^/]+)\.sealed$/.exec(name) ?? [];
  return folder === undefined || environment === undefined
    ? null
    : context({ app: folder.replace(/\.app$/, ''), environment });
}

function checked(segment: string): string {
  if (!SEGMENT.test(segment)) {
    throw new Error(
      `\`${segment}\` cannot be part of a secret's place: letters, digits, dot, dash and underscore, at most 100`,
    );
  }
  return segment;
}
