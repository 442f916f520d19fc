/** Text that stays text in Markdown, whatever stands in it (CommonMark 2.4: a backslash takes the meaning from punctuation). */
import { visible } from '../visible';

const BREAKS = /[\n\r\t\u2028\u2029]+/g;

/** One paragraph: line breaks become blanks. */
export const markdownText = (text: string): string =>
  visible(text.replace(BREAKS, ' '))
    .replace(/[\\`*_[\]<>|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/^(\s*)([#+-]+)(?=\s|$)/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
    .trim();

/** Text in which `words like this` are code spans, as messages have them. */
export const markdownProse = (text: string): string =>
  text
    .split(CODE)
    .map((part, index) => (index % 2 === 1 ? markdownCode(part) : spaced(part, markdownText(part))))
    .join('')
    .trim();

/** Every second part of what this splits was in backticks. */
export const CODE = /`([^`\n]+)`/;

const spaced = (original: string, escaped: string): string =>
  `${/^\s/.test(original) ? ' ' : ''}${escaped}${/\s$/.test(original) && escaped !== '' ? ' ' : ''}`;

/** A cell of a table; an empty one keeps its place. */
export const markdownCell = (text: string): string => markdownText(text) || ' ';

/** A code span. */
export function markdownCode(text: string): string {
  const plain = visible(text.replace(BREAKS, ' ')).trim();
  if (plain === '') return '';
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const room = plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  return `${fence}${room}${plain}${room}${fence}`;
}

/** A command to copy, on one line, which no fence around it ends before its end. */
export const commandText = (command: string): string => visible(command.replace(BREAKS, ' ')).replaceAll('```', "'''");

/** Markdown for a cell of a table, where a bar would end the cell even inside a code span. */
export const inTable = (markdown: string): string => markdown.replace(/(?<!\\)\|/g, '\\|') || ' ';
