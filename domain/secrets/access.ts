/**
 * Who may have the value of a secret, and where it may be sent: decided from what its owner said, never from what the spec that asks
 * for it says.
 */

/** For whom a value is resolved. */
export interface SecretUser {
  readonly app: string;
  /** null: the application as a whole, whose notifiers are told. */
  readonly environment: string | null;
}

/** Whose a secret is. */
export interface SecretOwner {
  readonly app: string;
  /** null: it belongs to all environments of the application. */
  readonly environment: string | null;
}

/** `shop/staging`, or `shop` for every environment and the application as a whole. */
export const grantText = ({ app, environment }: SecretOwner): string =>
  environment === null ? app : `${app}/${environment}`;

/** Its own, or shared with it by the owner. */
export function maySee(owner: SecretOwner, user: SecretUser, sharedWith: readonly string[]): boolean {
  const own = owner.app === user.app && (owner.environment === null || owner.environment === user.environment);
  return own || sharedWith.some((grant) => covers(grant, user));
}

/** Whether `shop` or `shop/staging` means this user. */
export function covers(grant: string, user: SecretUser): boolean {
  const [app, environment = null, ...more] = grant.split('/');
  return more.length === 0 && app === user.app && (environment === null || environment === user.environment);
}

/** A user in words. */
export const userWords = ({ app, environment }: SecretUser): string =>
  environment === null ? `${app} as a whole` : `${app} in ${environment}`;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { postgres: '5432', http: '80', https: '443', mysql: '3306' };

/** `scheme://host:port` of a URL, in one form; null: it names no host. */
export function destinationOf(url: string): string | null {
  const text = url.trim();
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return null;
  // The same parser as that of who connects: two would read some addresses differently.
  if (/^https?:/i.test(text)) return URL.canParse(text) ? written(new URL(text)) : null;
  const [, protocol = '', host, port = ''] =
    /^([a-z][a-z0-9+.-]*:)\/\/(?:[^/?#]*@)?(\[[0-9a-f:.]+\]|[^:\s[\]/?#@]+)(?::(\d{1,5}))?(?=[/?#]|$)/i.exec(text) ??
    [];
  return host === undefined ? null : written({ protocol, hostname: host, port });
}

/** Of a server whose parts are known. */
export const destinationAt = (scheme: string, host: string, port: number): string =>
  written({ protocol: `${scheme}:`, hostname: host, port: String(port) });

interface Parts {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

function written({ protocol, hostname, port }: Parts): string {
  const scheme = protocol
    .toLowerCase()
    .replace(/:$/, '')
    .replace(/^postgresql$/, 'postgres');
  const known = port === '' ? DEFAULT_PORTS[scheme] : String(Number(port));
  return `${scheme}://${hostname.toLowerCase().replace(/\.$/, '')}${known === undefined ? '' : `:${known}`}`;
}

/** Where a secret that is sent may go. */
export interface Sending {
  /** Where it is to be sent, as `destinationOf` writes it. */
  readonly to: string;
  /** Destinations that its owner named, or the first one that it was sent to. */
  readonly bound: readonly string[];
  /** The value, which may be an address. */
  readonly value: string;
  /** It is sent nowhere but to the address that it is itself. */
  readonly isAddress: boolean;
}

export type MaySend =
  | { readonly kind: 'allowed' }
  /** Nobody said where it may go. */
  | { readonly kind: 'unbound' }
  | { readonly kind: 'refused'; readonly only: readonly string[] };

export function maySend({ to, bound, value, isAddress }: Sending): MaySend {
  if (bound.includes(to)) return { kind: 'allowed' };
  if (bound.length > 0) return { kind: 'refused', only: bound };
  if (isAddress) return { kind: 'allowed' };
  const own = destinationOf(value);
  if (own === null) return { kind: 'unbound' };
  return own === to ? { kind: 'allowed' } : { kind: 'refused', only: [own] };
}
