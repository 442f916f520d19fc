/**
 * Notes that are believed later, such as what a build gave: readable by anybody, and known to be ours by an HMAC under a key that is
 * derived from the machine's. A note is bound to its place (`context`), so that it cannot stand in another one's.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json';
import { readJson, writeJson } from './durable-file';
import type { Home } from './home';
import { machineKey } from './sealed';

interface Authentic<T> {
  readonly value: T;
  /** HMAC-SHA-256, base64. */
  readonly mac: string;
}

/** `foreign`: something lies there that this home did not write, or did not write there. */
export type AuthenticNote<T> =
  { readonly kind: 'known'; readonly value: T } | { readonly kind: 'absent' } | { readonly kind: 'foreign' };

export async function writeAuthentic(home: Home, file: string, context: string, value: unknown): Promise<void> {
  const note: Authentic<unknown> = { value, mac: await macOf(home, context, value) };
  await writeJson(file, note);
}

/** @throws only when the machine's key cannot be read. */
export async function readAuthentic<T>(home: Home, file: string, context: string): Promise<AuthenticNote<T>> {
  const note = await readJson<Partial<Authentic<T>>>(file).catch(() => undefined);
  if (note === null) return { kind: 'absent' };
  if (note?.value === undefined || typeof note.mac !== 'string') return { kind: 'foreign' };
  const expected = Buffer.from(await macOf(home, context, note.value), 'base64');
  const given = Buffer.from(note.mac, 'base64');
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  return isOurs ? { kind: 'known', value: note.value } : { kind: 'foreign' };
}

async function macOf(home: Home, context: string, value: unknown): Promise<string> {
  const key = Buffer.from(hkdfSync('sha256', await machineKey(home), '', 'mvca/authentic', 32));
  return createHmac('sha256', key).update(canonicalJson({ context, value })).digest('base64');
}
