/** What a shell would do and we do not, each with what to write in its place. */

const LIST = 'write a list of commands, which run one after another and stop at the first that fails';
const SCRIPT = 'put it into a script of the application (such as one in package.json) and call that';

/** Longest first, so that `&&` is not read as `&`. */
export const OPERATORS: readonly (readonly [operator: string, advice: string])[] = [
  ['&&', LIST],
  ['||', SCRIPT],
  [';;', SCRIPT],
  ['|&', SCRIPT],
  ['>>', 'the output is kept anyway; leave it away'],
  ['<<', SCRIPT],
  ['|', SCRIPT],
  [';', LIST],
  ['&', 'commands run in the foreground and end; what has to go on running is `platform.start`'],
  ['>', 'the output is kept anyway; leave it away'],
  ['<', SCRIPT],
  ['(', SCRIPT],
  [')', SCRIPT],
  ['`', SCRIPT],
];

/** Words that only a shell knows: there is no program of that name to run. */
export const BUILTINS: Readonly<Record<string, string>> = {
  cd: 'use `directory`, or an option such as `npm --prefix packages/api`',
  export: 'use `variables`',
  set: 'leave it away: a command that fails ends the list',
  source: SCRIPT,
  '.': SCRIPT,
  eval: SCRIPT,
  exec: 'leave it away: commands are run without a shell between',
  ulimit: SCRIPT,
  alias: SCRIPT,
  if: SCRIPT,
  for: SCRIPT,
  while: SCRIPT,
  '!': SCRIPT,
};

export const ADVICE = {
  list: LIST,
  script: SCRIPT,
  variables: 'use `variables` of the section, and leave the command without them',
  quote: 'put it in quotes',
  tilde: 'write the whole path, or one relative to the application',
} as const;
