/** What decides what a build yields. The same inputs are built once. */
import { canonicalJson } from '../canonical-json';
import type { BuildSpec } from '../spec/spec';

/** Grows when our own way of building or packaging changes what comes out. */
const FORMAT = 2;

export interface BuildInputs {
  /** `sha256:…` of the files that the build sees. */
  readonly snapshot: string;
  readonly build: BuildSpec;
  /** The build is told both (SOURCE_COMMIT, SOURCE_TAG), so both can change what it yields. */
  readonly commit: string | null;
  readonly tag: string | null;
  /** Whether the build sees `.git`. */
  readonly git: boolean;
  /** Such as `v22.1.0`, `linux`, `x64`. */
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
}

/** The text whose SHA-256 names the inputs. */
export function inputsText({ build, ...inputs }: BuildInputs): string {
  // How long a build may take changes nothing of what it makes.
  const { timeoutMs: _, ...making } = build;
  return canonicalJson({ format: FORMAT, ...inputs, build: making });
}

/**
 * Whether the spec's file can be kept from the build, so that a change of it alone changes no input: not where the build's own section
 * speaks of it.
 */
export const isApart = (file: string, build: BuildSpec): boolean => !JSON.stringify(build).includes(file);
