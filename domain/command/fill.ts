/** Puts values into the arguments of a command at the moment of use. */
import type { Command } from '../spec/spec';

/**
 * The command with `$NAME` and `${NAME}` replaced where `values` knows the name; every other `$` stays as it is written, so that
 * `sh -c 'echo $OTHER'` keeps its meaning. Never pass secrets in `values`: arguments can be read by everybody on a machine.
 */
export function fillCommand(command: Command, values: Readonly<Record<string, string>>): Command {
  return command.map((argument) => fillText(argument, values));
}

/** The same for one text, such as the URL of a database. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g, (written, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? '';
    return Object.hasOwn(values, name) ? (values[name] ?? written) : written;
  });
}
