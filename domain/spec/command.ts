import { z } from 'zod';
import { splitCommand } from '../command/split';
import { scalar } from './kinds';
import type { Command } from './spec';
import { wording } from './wording';

export const command = scalar<Command>({
  expected: (text) => {
    const split = splitCommand(text);
    return text === '' || split.ok
      ? 'a command, such as node server.js'
      : `a command that runs without a shell: ${split.reason}; ${split.advice}`;
  },
  read: (text) => {
    const split = splitCommand(text);
    return split.ok ? split.argv : null;
  },
  json: { title: 'command' },
});

/** Wherever a command stands, a list of commands may stand. */
export const commands = z.union(
  [
    command.transform((one): readonly Command[] => [one]),
    z.array(command).superRefine((_list, context) => refuseArguments(context)),
  ],
  { error: wording('a command, or a list of commands, such as npm run build') },
);

/** `[node, --test]` is meant as the arguments of one command, as a Dockerfile has them; here each item is a command. */
function refuseArguments(context: z.core.$RefinementCtx<readonly Command[]>): void {
  const option = context.value.findIndex(([program], index) => index > 0 && program?.startsWith('-'));
  if (option === -1) return;
  const whole = context.value.map((words) => words.join(' ')).join(' ');
  const message = wording(`a command: each item of the list is one, and an option is none; as one text: ${whole}`);
  context.issues.push({ code: 'custom', message, path: [option], input: context.value });
}
