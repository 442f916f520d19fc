/**
 * A JSON value as PostgreSQL can keep it: no NUL characters and no half surrogate pairs in text (it refuses both in jsonb), and
 * what JSON drops is dropped before it is hashed.
 */
export function storable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
    typeof member === 'string' ? storableText(member) : member,
  ) as T;
}

const storableText = (text: string): string => text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
