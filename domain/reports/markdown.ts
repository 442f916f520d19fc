/** A report as Markdown (GitHub's flavour: tables). */
import type { DeploymentStatus } from '../deployment';
import type { SignedHead } from '../records';
import { reportContents } from './contents';
import type { Block, Cell, Section } from './document';
import type { Plot } from './plots/plot';
import { sparkline } from './plots/sparkline';
import { milliseconds, share } from './words';
import { commandText, inTable, markdownCell, markdownCode, markdownProse, markdownText } from './markdown-text';

export function markdownReport(status: DeploymentStatus, head: SignedHead | null): string {
  const report = reportContents(status, head);
  return [
    `# ${markdownText(report.title)}: ${report.word}`,
    markdownProse(report.sentence),
    block(report.facts),
    ...report.sections.map(section),
    '',
  ].join('\n\n');
}

const section = ({ title, blocks }: Section): string =>
  [`## ${markdownText(title)}`, ...blocks.map(block)].join('\n\n');

function block(given: Block): string {
  switch (given.kind) {
    case 'facts':
      return given.facts.map(([name, value]) => `- ${markdownText(name)}: ${inline(value)}`).join('\n');
    case 'list':
      return given.items
        .map((item, index) => `${given.numbered === true ? `${index + 1}.` : '-'} ${inline(item)}`)
        .join('\n');
    case 'text':
      return inline(given.text);
    case 'heading':
      return `### ${markdownText(given.text)}`;
    case 'plot':
      return plotTable(given.plot);
    case 'evidence':
      return given.lines.map(({ from, text }) => `- ${markdownText(from)}: ${markdownCode(text)}`).join('\n');
    case 'command':
      return `\`\`\`sh\n${commandText(given.command)}\n\`\`\``;
    case 'table':
      return [
        row(given.columns.map(markdownCell)),
        row(given.columns.map((_, column) => (given.figures.includes(column) ? '---:' : '---'))),
        ...given.rows.map((cells) => row(cells.map((one) => inTable(inline(one))))),
      ].join('\n');
  }
}

/** A line of text for each line of the plot, and its least and highest value. */
function plotTable({ title, unit, lines, atLeast }: Plot): string {
  const known = lines.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
  const top = Math.max(atLeast, ...known);
  const rows = lines.map(({ name, points }) => {
    const values = points.map(([, value]) => value);
    const seen = values.filter((value) => value !== null);
    const told = (value: number): string => (unit === '%' ? share(value) : milliseconds(value));
    return row([
      markdownCell(name),
      markdownCode(sparkline(values, top, SPARKS)) || ' ',
      seen.length === 0 ? '-' : told(Math.min(...seen)),
      seen.length === 0 ? '-' : told(Math.max(...seen)),
    ]);
  });
  return [row([markdownCell(title), 'over time', 'least', 'most']), '| --- | --- | ---: | ---: |', ...rows].join('\n');
}

const SPARKS = 40;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const inline = ({ text, code }: Cell): string => (code === true ? markdownCode(text) : markdownProse(text));
