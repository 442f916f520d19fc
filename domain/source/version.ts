/** How a version gets its name. */
export const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const RULE = 'letters, digits, `.`, `_`, `+` and `-`, beginning with a letter or digit, at most 64';

/** What is wrong with a version that somebody gave; null: nothing. */
export const versionProblem = (version: string): string | null =>
  VERSION.test(version) ? null : `the version ${JSON.stringify(version)} cannot be used: a version is ${RULE}`;

export interface VersionFacts {
  readonly given: string | null;
  /** Tags at HEAD, the highest version first. */
  readonly tags: readonly string[];
  readonly commit: string | null;
  /** `sha256:…` of the snapshot. */
  readonly digest: string;
  /** Holds what git does not have at HEAD. */
  readonly dirty: boolean;
}

export type VersionChoice =
  | { readonly kind: 'chosen'; readonly version: string; readonly tag: string | null }
  | { readonly kind: 'refused'; readonly problem: string };

/** The given one, else the tag as it is written, else the short commit, else the digest's start; what is dirty says so. */
export function chooseVersion(facts: VersionFacts): VersionChoice {
  const hex = facts.digest.replace(/^sha256:/, '');
  const tag = facts.tags.find((candidate) => VERSION.test(candidate)) ?? null;
  const base = facts.given ?? tag ?? facts.commit?.slice(0, 7) ?? hex.slice(0, 12);
  const version = facts.dirty ? `${base}+dirty.${hex.slice(0, 7)}` : base;
  if (VERSION.test(version)) return { kind: 'chosen', version, tag: facts.tags.includes(base) ? base : tag };
  const which =
    version === base
      ? `the version ${JSON.stringify(base)}`
      : `the version ${JSON.stringify(version)} (with its mark for changes)`;
  return { kind: 'refused', problem: `${which} cannot be used: a version is ${RULE}; give another one with --version` };
}
