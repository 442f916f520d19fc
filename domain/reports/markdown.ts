/** A report as Markdown (GitHub's flavour: tables). */
import type { DeploymentStatus } from '../deployment';
import type { SignedHead } from '../records';
import { reportContents } from './contents';
import type { Block, Cell, Section } from './document';
import { inTable, markdownCell, markdownCode, markdownProse, markdownText } from './markdown-text';

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
      return given.items.map((item) => `- ${inline(item)}`).join('\n');
    case 'text':
      return inline(given.text);
    case 'heading':
      return `### ${markdownText(given.text)}`;
    case 'table':
      return [
        row(given.columns.map(markdownCell)),
        row(given.columns.map((_, column) => (given.figures.includes(column) ? '---:' : '---'))),
        ...given.rows.map((cells) => row(cells.map((one) => inTable(inline(one))))),
      ].join('\n');
  }
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const inline = ({ text, code }: Cell): string => (code === true ? markdownCode(text) : markdownProse(text));
