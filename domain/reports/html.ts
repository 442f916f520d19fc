/** A report as one HTML file: nothing is loaded, no script runs, and every text stays text. */
import type { DeploymentStatus } from '../deployment';
import type { SignedHead } from '../records';
import { reportContents } from './contents';
import type { Report } from './contents';
import type { Block, Cell, Section } from './document';
import { CODE } from './markdown-text';
import { drawPlot } from './plots/draw';
import type { Plot } from './plots/plot';
import { commandText } from './markdown-text';
import { markup } from './markup';
import type { Markup } from './markup';
import { STYLE } from './style';

export function htmlReport(status: DeploymentStatus, head: SignedHead | null): string {
  const report = reportContents(status, head);
  return `<!doctype html>\n${page(report).html}\n`;
}

const page = (report: Report): Markup => markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${report.title}: ${report.word}</title>
<style>${STYLE}</style>
</head>
<body>
<header class="tone-${report.tone}">
<p class="word">${report.word}</p>
<h1>${report.title}</h1>
<p class="sentence">${prose(report.sentence)}</p>
${block(report.facts)}
</header>
<main>
${report.sections.map(section)}
</main>
</body>
</html>`;

const section = ({ id, title, blocks }: Section): Markup => markup`<section id="${id}">
<h2>${title}</h2>
${blocks.map(block)}
</section>
`;

function block(given: Block): Markup {
  switch (given.kind) {
    case 'facts':
      return markup`<dl${given.tiles === true ? markup` class="tiles"` : markup``}>${given.facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${inline(value)}</dd></div>`)}</dl>\n`;
    case 'list':
      return list(given);
    case 'plot':
      return figure(given.plot);
    case 'evidence':
      return markup`<ul class="evidence">${given.lines.map(({ from, text }) => markup`<li><span class="from">${from}</span><code>${text}</code></li>`)}</ul>\n`;
    case 'command':
      return markup`<pre><code>${commandText(given.command)}</code></pre>\n`;
    case 'text':
      return markup`<p>${inline(given.text)}</p>\n`;
    case 'heading':
      return markup`<h3>${given.text}</h3>\n`;
    case 'table':
      return table(given);
  }
}

function list({ items, numbered }: Extract<Block, { kind: 'list' }>): Markup {
  const all = items.map((item) => markup`<li>${inline(item)}</li>`);
  return numbered === true ? markup`<ol>${all}</ol>\n` : markup`<ul>${all}</ul>\n`;
}

/** Twice, for wide and for narrow pages, of which one is shown: text in it keeps its size. */
function figure(plot: Plot): Markup {
  const keys = plot.lines
    .filter(({ kind }) => kind !== 'dots')
    .map(({ name, role }) => markup`<span class="key ${role}">${name.replace(/, set$/, '')}</span>`);
  return markup`<figure>
<figcaption><span class="name">${plot.title}</span>${keys}</figcaption>
${drawPlot(plot, 'wide')}${drawPlot(plot, 'narrow')}</figure>
`;
}

/** Each cell knows its column's name: on a narrow screen a row becomes a small list. */
function table({ columns, rows, figures }: Extract<Block, { kind: 'table' }>): Markup {
  const heads = columns.map((name, column) => markup`<th scope="col"${classes(figures.includes(column))}>${name}</th>`);
  const row = (cells: readonly Cell[]): Markup => markup`<tr>${cells.map((one, column) => {
    const short = one.text.length <= SHORT && one.code !== true;
    return markup`<td${classes(figures.includes(column), short)} data-label="${columns[column] ?? ''}">${inline(one)}${bar(one)}</td>`;
  })}</tr>
`;
  const prosaic = columns.at(-1) === '' ? markup` class="prosaic"` : markup``;
  return markup`<table${prosaic}>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map(row)}</tbody>
</table>
`;
}

/** Up to this many characters a cell is kept on one line where there is room. */
const SHORT = 24;

function classes(figure: boolean, short = false): Markup {
  const names = [...(figure ? ['figure'] : []), ...(short ? ['short'] : [])];
  return names.length === 0 ? markup`` : markup` class="${names.join(' ')}"`;
}

function inline({ text, code, tone = 'plain' }: Cell): Markup {
  if (code === true) return text === '' ? markup`` : markup`<code>${text}</code>`;
  return tone === 'plain' ? prose(text) : markup`<span class="tone-${tone}">${prose(text)}</span>`;
}

/** What stands in backticks is a name or a command. */
const prose = (text: string): Markup =>
  markup`${text.split(CODE).map((part, index) => (index % 2 === 1 ? markup`<code>${part}</code>` : markup`${unbroken(part)}`))}`;

/** A number stays on one line with its percent sign. */
const unbroken = (text: string): string => text.replace(/(\d) %/g, '$1\u00a0%');

const bar = ({ bar: part }: Cell): Markup =>
  part === undefined ? markup`` : markup`<i class="bar" style="width:${String(Math.round(part * 1000) / 10)}%"></i>`;
