/** What differs between the failing release and the one before. Names only: values are compared by fingerprint and never shown. */
import { canonicalJson } from '../canonical-json';
import type { Evidence } from './answer';
import type { ReleaseFacts } from './facts';
import { packageChanges, type PackageChange } from './lock-files';

export type How = 'added' | 'removed' | 'changed';

export interface NameChange {
  readonly kind: 'variable' | 'secret';
  readonly name: string;
  readonly how: How;
}

export interface Changes {
  readonly names: readonly NameChange[];
  readonly packages: readonly PackageChange[];
  /** Name of the lock file that tells of them. */
  readonly lockFile: string;
  /** Of those packages, the ones that the application itself asks for. */
  readonly direct: ReadonlySet<string>;
  /** Variables and secrets that neither release was given are none of these; null: it is not known what they were given. */
  readonly given: ReadonlySet<string> | null;
  /** Start command, port, folders, Node.js: one sentence each. */
  readonly settings: readonly string[];
}

export const NO_CHANGES: Changes = {
  names: [],
  packages: [],
  lockFile: '',
  direct: new Set(),
  given: null,
  settings: [],
};

export function changesBetween(old: ReleaseFacts | null, fresh: ReleaseFacts): Changes {
  if (old === null) return NO_CHANGES;
  const [before, now] = [old.packages, fresh.packages];
  return {
    names: nameChanges(old, fresh),
    packages: before === null || now === null ? [] : packageChanges(before.versions, now.versions),
    lockFile: now?.file ?? '',
    direct: new Set([...(now?.direct ?? []), ...(before?.direct ?? [])]),
    given: givenTo([old, fresh]),
    settings: settingChanges(old, fresh),
  };
}

function givenTo(releases: readonly ReleaseFacts[]): ReadonlySet<string> | null {
  const names = releases.flatMap(({ definition, secrets }) =>
    definition === null || secrets === null ? [null] : [...Object.keys(definition.variables), ...Object.keys(secrets)],
  );
  const known = names.filter((name) => name !== null);
  return known.length < names.length ? null : new Set(known);
}

/** A name that is a variable in one release and a secret in the other is there in both. */
function nameChanges(old: ReleaseFacts, fresh: ReleaseFacts): NameChange[] {
  const [before, now] = [old.definition?.variables, fresh.definition?.variables];
  const isElsewhere = (name: string, { definition, secrets }: ReleaseFacts): boolean =>
    definition?.variables[name] !== undefined || secrets?.[name] !== undefined;
  const variables = before === undefined || now === undefined ? [] : differences(before, now);
  const secrets = old.secrets === null || fresh.secrets === null ? [] : differences(old.secrets, fresh.secrets);
  return [
    ...variables.map((change) => ({ kind: 'variable' as const, ...change })),
    ...secrets.map((change) => ({ kind: 'secret' as const, ...change })),
  ].filter(({ name, how }) => how === 'changed' || !isElsewhere(name, how === 'added' ? old : fresh));
}

function differences(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): { readonly name: string; readonly how: How }[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    if (before[name] === now[name]) return [];
    return [{ name, how: before[name] === undefined ? 'added' : now[name] === undefined ? 'removed' : 'changed' }];
  });
}

const SETTINGS = [
  ['start', 'the start command'],
  ['directory', 'the folder that it starts in'],
  ['port', 'how it is told its port'],
  ['persistent', 'its persistent folders'],
  ['node', 'the Node.js version that it asks for'],
] as const;

function settingChanges({ definition: old }: ReleaseFacts, { definition: fresh }: ReleaseFacts): string[] {
  if (old === null || fresh === null) return [];
  return SETTINGS.flatMap(([key, what]) => {
    const [before, now] = [canonicalJson(old[key]), canonicalJson(fresh[key])];
    // A command may hold a secret in an argument: that it changed is all that is said of it.
    return before === now ? [] : [key === 'node' ? `${what} changed from ${before} to ${now}` : `${what} changed`];
  });
}

export const nameEvidence = ({ kind, name, how }: NameChange, { fresh }: { readonly fresh: string }): Evidence => ({
  source: 'release.json',
  at: null,
  text:
    how === 'removed'
      ? `the old release had the ${kind} ${name}, and ${fresh} has not`
      : how === 'added'
        ? `the ${kind} ${name} is new in ${fresh}`
        : `the ${kind} ${name} has another value in ${fresh} than in the old release`,
});

export const packageEvidence = (change: PackageChange, lockFile: string): Evidence => ({
  source: lockFile,
  at: null,
  text: packageText(change),
});

export function packageText({ name, from, to, step }: PackageChange): string {
  if (from === null) return `${name} ${to ?? ''} was added`;
  return to === null ? `${name} ${from} was removed` : `${name} went from ${from} to ${to} (${step})`;
}
