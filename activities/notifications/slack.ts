/** `kind: slack`: the form of Slack's incoming webhooks (api.slack.com/messaging/webhooks), which others take as well. */
import { visible } from '../../domain/visible';
import type { Message, NotifierKind } from './port';

/** Slack's limits: characters of a section's text and of a field, fields of a section (api.slack.com/reference/block-kit/blocks). */
const LONGEST_TEXT = 3_000;
const LONGEST_FIELD = 2_000;
const MOST_FIELDS = 10;

export const slack: NotifierKind = {
  body: (message) => ({ text: escaped(message.text, LONGEST_TEXT), blocks: blocks(message) }),
};

function blocks({ app, event, text, facts }: Message): unknown[] {
  const fields = Object.entries(facts)
    .filter((fact): fact is [string, string | number] => fact[1] !== null)
    .slice(0, MOST_FIELDS)
    .map(([name, value]) => markdown(`*${escaped(name, 100)}*\n${escaped(String(value), LONGEST_FIELD - 200)}`));
  return [
    { type: 'section', text: markdown(`*${escaped(app, 200)}: ${escaped(event, 200)}*\n${escaped(text, 2_000)}`) },
    ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
  ];
}

const markdown = (text: string) => ({ type: 'mrkdwn', text });

/** The three characters that mean something to Slack become entities, which are never cut in two. */
function escaped(text: string, longest: number): string {
  const parts = [...visible(text)].map((part) => ENTITIES[part] ?? part);
  let length = 0;
  const end = parts.findIndex((part) => (length += part.length) > longest - 1);
  return end < 0 ? parts.join('') : `${parts.slice(0, end).join('')}…`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
