/** Why it went wrong, as far as logs and figures tell, what mends it, and whom it hit. */
import type { DeploymentStatus } from '../../deployment';
import type { Cause, Diagnosis, Evidence } from '../../diagnosis/answer';
import { percent } from '../../numbers';
import { cell } from '../document';
import type { Block, Section } from '../document';
import { impactSentence } from '../sentence';
import { clock, count } from '../words';

/** States of older versions have no diagnosis. */
type Told = Partial<Pick<DeploymentStatus, 'diagnosis'>>;

export function cause({ diagnosis }: Told): Section | null {
  if (diagnosis == null) return null;
  const { causes } = diagnosis;
  const blocks = causes.length === 0 ? notFound(diagnosis) : causes.flatMap(causeBlocks);
  return {
    id: 'cause',
    title: causes.length > 1 ? 'Likely causes' : 'Likely cause',
    blocks: [...blocks, looked(diagnosis)],
  };
}

function causeBlocks(
  { title, confidence, count: times, countBefore, evidence, remedy }: Cause,
  index: number,
): Block[] {
  const seen = times === 0 ? '' : `, seen ${timesIn(times)} in the new release, ${timesIn(countBefore)} in the old one`;
  return [
    { kind: 'heading', text: index === 0 ? title : `Or: ${title}` },
    { kind: 'text', text: cell(`Confidence ${Math.round(confidence * 100)} %${seen}.`, { tone: 'quiet' }) },
    ...quoted(evidence),
    { kind: 'text', text: cell(remedy.text) },
    ...(remedy.command === undefined ? [] : [{ kind: 'command', command: remedy.command } as const]),
  ];
}

const timesIn = (seen: number): string => (seen === 0 ? 'never' : seen === 1 ? 'once' : `${count(seen)} times`);

function notFound({ unexplained }: Diagnosis): Block[] {
  const text = 'No cause was found: nothing known stands in the logs, nor in what changed between the releases.';
  return [
    { kind: 'text', text: cell(text) },
    ...(unexplained.length === 0
      ? []
      : ([{ kind: 'heading', text: 'Trouble that only the new release has' }, ...quoted(unexplained)] as const)),
  ];
}

const quoted = (evidence: readonly Evidence[]): Block[] =>
  evidence.length === 0
    ? []
    : [
        {
          kind: 'evidence',
          lines: evidence.map(({ source, at, line, text }) => ({
            from: `${source}${line === undefined ? '' : `:${line}`}${at === null ? '' : `, ${clock(at)}`}`,
            text,
          })),
        },
      ];

function looked({ looked: sources }: Diagnosis): Block {
  const told = sources.map(
    ({ source, release, lines, errors, found }) =>
      `${source} (${release} release, ${found ?? `${count(lines)} lines, ${count(errors)} errors`})`,
  );
  return { kind: 'text', text: cell(`Looked at: ${told.join(', ') || 'no logs'}.`, { tone: 'quiet' }) };
}

export function impact({ diagnosis }: Told): Section | null {
  if (diagnosis?.impact == null) return null;
  const { routes } = diagnosis.impact;
  return {
    id: 'impact',
    title: 'Whom it hit',
    blocks: [
      { kind: 'text', text: cell(sentence(impactSentence(diagnosis.impact))) },
      ...(routes.length === 0
        ? []
        : [
            {
              kind: 'table',
              columns: ['Route', 'Requests', 'Failed', 'Share'],
              figures: [1, 2, 3],
              rows: routes.map(({ route, requests, failed }) => [
                cell(route, { code: true }),
                cell(count(requests)),
                cell(count(failed), failed > 0 ? { tone: 'bad' } : {}),
                cell(percent(failed, requests)),
              ]),
            } as const,
          ]),
    ],
  };
}

const sentence = (clause: string): string => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
