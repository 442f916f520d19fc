/** What differs between the failing release and the one before. Names only: values are compared by fingerprint and never shown. */
import { canonicalJson } from '../canonical-json';
import type { Evidence } from './answer';
import type { DefinitionFacts, ReleaseFacts } from './facts';
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
  /** What the spec says of how it runs and is checked, and Node.js: one sentence each. */
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

interface Setting {
  readonly what: string;
  readonly of: (definition: DefinitionFacts) => unknown;
  /** Whether the values may be told: a command may hold a secret in an argument. */
  readonly isTold?: boolean;
}

const SETTINGS: readonly Setting[] = [
  { what: 'the start command', of: ({ start }) => start },
  { what: 'the folder that it starts in', of: ({ directory }) => directory, isTold: true },
  { what: 'how it is told its port', of: ({ port }) => port, isTold: true },
  { what: 'the number of its instances', of: ({ instances }) => instances, isTold: true },
  { what: 'its persistent folders', of: ({ persistent }) => persistent, isTold: true },
  { what: 'the milliseconds that it has to end', of: ({ graceMs }) => graceMs, isTold: true },
  { what: 'the path of its health check', of: ({ checks }) => checks?.health.path, isTold: true },
  { what: 'what its health check expects', of: ({ checks }) => checks && { ...checks.health, path: null } },
  { what: 'its smoke requests', of: ({ checks }) => checks?.smoke },
  { what: 'the Node.js version that it asks for', of: ({ node }) => node, isTold: true },
];

function settingChanges({ definition: old }: ReleaseFacts, { definition: fresh }: ReleaseFacts): string[] {
  if (old === null || fresh === null) return [];
  // Where one of the two does not know its checks, that is no difference.
  const know = old.checks !== null && fresh.checks !== null;
  const [one, other] = know
    ? [old, fresh]
    : [
        { ...old, checks: null },
        { ...fresh, checks: null },
      ];
  return SETTINGS.flatMap(({ what, of, isTold }) => {
    const [before, now] = [of(one), of(other)].map((value) => canonicalJson(value ?? null));
    if (before === now) return [];
    return [isTold === true ? `${what} changed from ${before} to ${now}` : `${what} changed`];
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
