/** One name for one remote, however its URL is written. */

/** `github.com/acme/shop` of https://, ssh:// and git@host:path alike; null: it names no place that others could know. */
export function remoteName(url: string): string | null {
  const text = url.trim();
  if (text === '' || /\p{C}/u.test(text)) return null;
  const [, host, path] = /^(?:[^@/:\s]+@)?([^@/:\s]{2,}):(?!\/\/)(.+)$/.exec(text) ?? [];
  if (host !== undefined && path !== undefined) return named(host, path);
  if (text.startsWith('/')) return named('', text);
  if (!URL.canParse(text)) return null;
  const { host: at, pathname } = new URL(text);
  return named(at, pathname);
}

function named(host: string, path: string): string | null {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  const bare = path.slice(0, end).replace(/\.git$/, '');
  const whole = host === '' ? bare : `${host.toLowerCase()}/${bare.replace(/^\/+/, '')}`;
  return bare.replace(/\/+/g, '') === '' ? null : whole;
}
