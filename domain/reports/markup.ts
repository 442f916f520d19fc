/** HTML in which every text is escaped unless it is markup already, so that forgetting is not possible. */

export interface Markup {
  readonly html: string;
}

type Part = string | Markup | readonly Markup[];

/** Template tag: strings become text, markup stays markup, lists are joined. */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { html: literals.reduce((html, literal, index) => html + write(parts[index - 1] ?? '') + literal) };
}

function write(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part);
  return 'html' in part ? part.html : part.map(({ html }) => html).join('');
}

/** Text for an element or a quoted attribute. Control characters, which HTML does not allow, become visible. */
export const escapeHtml = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\uFFFD')
    .replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
