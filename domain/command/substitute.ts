/** Puts values into the arguments that start a release: nothing may stay unknown, for a release would run with it. */
import type { Command } from '../spec/spec';

export type Substituted =
  | { readonly kind: 'substituted'; readonly command: Command }
  /** Names that stand in the command and have no value, in the order of their appearance, each once. */
  | { readonly kind: 'unknown'; readonly names: readonly string[] };

const PATTERN = /\$(?:\$|([A-Za-z_]\w*)|\{([^}]*)\})/g;

/**
 * Replaces `$NAME` and `${NAME}` by values and `$$` by a dollar, once: what a value contains is not looked at again. A dollar that
 * begins no name stays. Never pass secrets in `values`: everybody on a machine can read arguments.
 */
export function substitute(command: Command, values: Readonly<Record<string, string>>): Substituted {
  const unknown = new Set<string>();
  const filled = command.map((argument) =>
    argument.replace(PATTERN, (written, plain?: string, braced?: string) => {
      if (written === '$$') return '$';
      const name = plain ?? braced ?? '';
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) unknown.add(name);
      return value ?? written;
    }),
  );
  return unknown.size > 0 ? { kind: 'unknown', names: [...unknown] } : { kind: 'substituted', command: filled };
}
