/** HTML in which every text is escaped unless it is markup already, so that forgetting is not possible. */
import { visible } from '../visible';

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

/** Text for an element or a quoted attribute. What nobody would see is shown as an escape. */
export const escapeHtml = (text: string): string =>
  visible(text.replaceAll('\r', '')).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
