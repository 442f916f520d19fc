/** What decides what a build yields. The same inputs are built once. */
import { canonicalJson } from '../canonical-json';
import type { BuildSpec } from '../spec/spec';

/** Grows when our own way of building or packaging changes what comes out. */
const FORMAT = 1;

export interface BuildInputs {
  /** `sha256:…` of the snapshot. */
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
export const inputsText = (inputs: BuildInputs): string => canonicalJson({ format: FORMAT, ...inputs });
