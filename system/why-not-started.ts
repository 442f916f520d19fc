/** Why the system does not start a process, in words of ours: those of Node quote the value of a variable or argument that it does not take. */
export function whyNotStarted(
  { code }: NodeJS.ErrnoException,
  { argv, env }: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> },
): string {
  const broken = Object.keys(env).find((name) => name.includes('\0') || env[name]?.includes('\0'));
  if (broken !== undefined)
    return `the value of ${broken.replaceAll('\0', '')} holds a NUL byte, which no variable can hold`;
  if (argv.some((argument) => argument.includes('\0')))
    return 'one of its arguments holds a NUL byte, which no argument can hold';
  if (code === 'E2BIG')
    return 'its variables and arguments are longer than this system takes; make the longest shorter';
  return `the system refuses it (${code ?? 'no reason given'})`;
}
