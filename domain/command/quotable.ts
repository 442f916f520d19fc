/**
 * What a log, an error, a file or a name of somebody else says may stand in a command that people are told to type only where it has the
 * form of its kind: nothing that a shell reads, no option, no blank, nothing that nobody sees. null: it is left out, and said in words.
 */
const FORMS = {
  /** Of npm. */
  package: /^(?:@[a-z0-9][\w.-]{0,100}\/)?[a-z0-9][\w.-]{0,100}$/,
  version: /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][\w.+-]{1,60})?$/,
  variable: /^[A-Za-z_]\w{0,99}$/,
  host: /^[A-Za-z0-9][\w.-]{0,252}$/,
  destination: /^[a-z][a-z0-9+.-]{0,20}:\/\/[\w.%[\]:-]{1,300}$/,
  port: /^[1-9]\d{0,4}$/,
  path: /^(?:\/|(?:\/?[\w.@+][\w.@+-]{0,254})(?:\/[\w.@+][\w.@+-]{0,254}){0,40})$/,
} as const;

export type Quotable = keyof typeof FORMS;

const LARGEST_PORT = 65_535;

export function quotable(kind: Quotable, value: string | number | null | undefined): string | null {
  const text = String(value ?? '');
  if (!FORMS[kind].test(text) || (kind === 'port' && Number(text) > LARGEST_PORT)) return null;
  return text;
}
