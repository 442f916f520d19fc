/** What a gate found, in one text that says nothing twice. */
import type { Finding, GateResult } from './gate';

/** What is wrong, and the next step where the message does not say it already. */
export function findingWords({ message, remedy }: Pick<Finding, 'message' | 'remedy'>, said = ''): string {
  return remedy === null || message.includes(remedy) || said.includes(remedy) ? message : `${message}; ${remedy}`;
}

/** Findings that did not pass: with their ids where there are several, by which each can be waived. */
export function gateWords({ summary, findings }: Pick<GateResult, 'summary' | 'findings'>): string {
  const open = findings.filter(({ verdict }) => verdict !== 'passed');
  const messages = open.map(({ message }) => message).join(' | ');
  const words: string[] = [];
  for (const finding of open) {
    const id = open.length === 1 || finding.message.startsWith(finding.id) ? '' : `${finding.id}: `;
    words.push(`${id}${findingWords(finding, `${messages} | ${words.join(' | ')}`)}`);
  }
  if (words.length === 0) return summary;
  return repeats(summary, open) ? words.join(' | ') : `${summary}: ${words.join(' | ')}`;
}

/** A summary is often the first line of the worst finding, or begins with the first one. */
const repeats = (summary: string, open: readonly Finding[]): boolean =>
  open.some(({ message }) => message.includes(summary) || summary.startsWith(message.split('\n')[0] ?? message));
