import { z } from 'zod';
import { splitCommand } from '../command/split';
import { scalar } from './kinds';
import type { Command } from './spec';
import { wording } from './wording';

const said = (text: string): string => {
  const split = splitCommand(text);
  if (text === '') return 'a command, such as node server.js';
  if (!split.ok) return `a command that runs without a shell: ${split.reason}; ${split.advice}`;
  const names = [...new Set(split.names)].map((name) => `$${name}`).join(', ');
  return `a command in which nothing has to be put in for ${names}: the program finds variables in its environment (in single quotes a dollar stays as it is)`;
};

/** Arguments with `$NAME`, for `substitute` at the moment of use. */
export const command = scalar<Command>({
  expected: said,
  read: (text) => {
    const split = splitCommand(text);
    return split.ok ? split.template : null;
  },
  json: { title: 'command' },
});

/** A command of build or tests: nothing is put in, so that a `$NAME` would reach the program as it stands. */
const finishedCommand = scalar<Command>({
  expected: said,
  read: (text) => {
    const split = splitCommand(text);
    return split.ok && split.names.length === 0 ? split.argv : null;
  },
  json: { title: 'command' },
});

/** Wherever a command stands, a list of commands may stand. */
const oneOrMany = (one: typeof command) =>
  z.union(
    [
      one.transform((single): readonly Command[] => [single]),
      z.array(one).superRefine((_list, context) => refuseArguments(context)),
    ],
    { error: wording('a command, or a list of commands, such as npm run build') },
  );

export const commands = oneOrMany(command);
export const finishedCommands = oneOrMany(finishedCommand);

/** `[node, --test]` is meant as the arguments of one command, as a Dockerfile has them; here each item is a command. */
function refuseArguments(context: z.core.$RefinementCtx<readonly Command[]>): void {
  const option = context.value.findIndex(([program], index) => index > 0 && program?.startsWith('-'));
  if (option === -1) return;
  const whole = context.value.map((words) => words.join(' ')).join(' ');
  const message = wording(`a command: each item of the list is one, and an option is none; as one text: ${whole}`);
  context.issues.push({ code: 'custom', message, path: [option], input: context.value });
}
