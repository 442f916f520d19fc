/**
 * Variables on their way into a sandbox. Some of them name code (`LD_PRELOAD`, `BASH_ENV`), and those of a spec are anybody's words: the
 * programs that set the sandbox up still have our rights, so they never see one of them by its name.
 */
import { cleanEnvironment } from '../run-command';

export interface Carried {
  /** For the programs that set up: ours, and the others under names that mean nothing. */
  readonly env: Readonly<Record<string, string>>;
  /** In the order of their numbers. */
  readonly names: readonly string[];
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that no shell can set; npm alone looks for them. */
const OF_NPM = /^npm_config_/;

export function carried(env: Readonly<Record<string, string>>): Carried {
  const ours = cleanEnvironment();
  const plain = Object.entries(env).filter(([name, value]) => ours[name] === value || isOfNpm(name));
  const names = Object.keys(env).filter((name) => IDENTIFIER.test(name) && ours[name] !== env[name]);
  const numbered = names.map((name, index) => [`MVCA_CARRIED_${index}`, env[name] ?? ''] as const);
  return { env: { ...ours, ...Object.fromEntries([...plain, ...numbered]) }, names };
}

const isOfNpm = (name: string): boolean => OF_NPM.test(name) && !IDENTIFIER.test(name);
