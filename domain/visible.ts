/** What nobody sees, or what changes how the rest is seen, shown as an escape: every output that people read goes through this. */

/**
 * Control characters (C0, DEL, C1), separators of lines and paragraphs, changes of direction, what has no width, tags and variation
 * selectors of the supplement. Line breaks and tabs stay.
 */
const UNSEEN = new RegExp(
  '(?![\\n\\t])[\\p{Cc}\\u00ad\\u061c\\u115f\\u1160\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb]|\\u17b4|\\u17b5|[\\u180b-\\u180f]|[\\u{e0000}-\\u{e0fff}]',
  'gu',
);

/** The text with `\\u{202e}` in place of such a character. */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`);

/** JSON that says the same, with escapes of its own for such characters; on one line without `indent`. */
export const visibleJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(UNSEEN, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
