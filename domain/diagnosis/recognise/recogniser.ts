/** What recognisers are given, and what they answer. */
import { quotable } from '../../command/quotable';
import type { Context, Remedy } from '../answer';
import type { Entry, Fault } from '../fault';

export interface Recognition {
  readonly cause: string;
  /** What it is about (a name, an address, a table): two of the same cause and subject are one trouble. */
  readonly subject: string;
  /** 0 to 1, before it is known whether the old release has it, too. */
  readonly confidence: number;
  readonly title: string;
  readonly remedy: Remedy;
}

/** Looks at one error. `entry` is what it was logged in. */
export type Recogniser = (fault: Fault, entry: Entry, context: Context) => Recognition | null;

/** The command that gives a secret its value; none where application or environment is not known, or the name can be none. */
export function setSecret({ app, environment }: Context, name: string | null): Pick<Remedy, 'command'> {
  const variable = quotable('variable', name);
  return app === null || environment === null || variable === null
    ? {}
    : { command: `mvca secrets set ${app} ${environment} ${variable}` };
}

/** `host:port` of what was to be reached, as far as the error says it; loopback is one host by all its names. */
export function addressOf({ message, fields }: Fault): { readonly host: string | null; readonly port: number | null } {
  const inMessage =
    /\b(?:E[A-Z]{6,20}|server at|connect to)[ `']{1,3}\[?([\w.:-]{1,255}?)\]?[:,`' ]{1,3}(?:port )?(\d{1,5})\b/.exec(
      message,
    );
  const host = fields['hostname'] ?? fields['host'] ?? fields['address'] ?? inMessage?.[1] ?? null;
  const port = Number(fields['port'] ?? inMessage?.[2] ?? Number.NaN);
  return {
    host: host !== null && /^(?:localhost|127\.0\.0\.1|::1|0\.0\.0\.0)$/.test(host) ? '127.0.0.1' : host,
    port: Number.isInteger(port) ? port : null,
  };
}

export const addressText = (fault: Fault): string | null => {
  const { host, port } = addressOf(fault);
  if (host === null) return null;
  return port === null ? host : `${host}:${port}`;
};
