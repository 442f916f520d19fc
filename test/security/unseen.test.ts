/** A name, a commit message or a line of a log that hides what it says, or turns it round, is shown with escapes wherever people read it. */
import { slack } from '../../activities/notifications/slack';
import { oneLine, plain } from '../../client/cli/text';
import { markdownCell, markdownCode, markdownProse, markdownText } from '../../domain/reports/markdown-text';
import { escapeHtml } from '../../domain/reports/markup';
import { visible } from '../../domain/visible';

const HOSTILE: Readonly<Record<string, string>> = {
  'a change of direction': 'approve \u202egnp.exe',
  'isolated directions': 'a\u2066b\u2069c',
  'marks of direction': 'a\u200e\u200f\u061cb',
  'no width': 'pay\u200bpal\u2060.\ufeffcom',
  tags: 'shop\u{e0041}\u{e0042}',
  'C1 controls, which some terminals obey': 'a\u009b31mb\u0085c',
  'backspaces over what stands there': 'rejected\b\b\b\b\b\b\b\bapproved',
  'a delete and a NUL': 'a\u007fb\u0000c',
};

const message = (text: string) =>
  JSON.stringify(slack.body({ app: 'shop', event: 'waiting', text, facts: { version: text } }));
const OUTPUTS: Readonly<Record<string, (text: string) => string>> = {
  terminal: plain,
  'a line of the terminal': oneLine,
  'Markdown of reports and of the Web UI': markdownText,
  'a cell of a table': markdownCell,
  'prose in Markdown': markdownProse,
  'code in Markdown': markdownCode,
  'HTML of reports': escapeHtml,
  'a message to Slack': message,
};
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

describe.each(Object.entries(OUTPUTS))('%s', (_output, write) => {
  test.each(Object.entries(HOSTILE))('shows %s', (_what, text) => {
    const written = write(text);
    expect(written).not.toMatch(UNSEEN);
    // In its own way of writing a backslash.
    expect(written.replaceAll('\\', '')).toMatch(/u\{[0-9a-f]{4,5}\}/);
  });
});

test('line breaks, tabs, accents, other scripts and pictures stay as they are', () => {
  const text = 'Größe\t→ 日本語 שלום 🚀\nnext';
  expect(visible(text)).toBe(text);
});

test('a message to Slack calls nobody and leads nowhere', () => {
  const body = message('<!channel> <https://evil.example|approve> & <@U1>');
  expect(body).not.toMatch(/<[!@h]/);
  expect(body).toContain('&lt;!channel&gt;');
});

test('Markdown holds no link, no picture and no HTML that a name brought along', () => {
  const written = markdownText('[approve](https://evil.example) ![x](http://e/x.png) <img src=x onerror=alert(1)>');
  expect(written).not.toMatch(/(?<!\\)[[\]<>]/);
});
