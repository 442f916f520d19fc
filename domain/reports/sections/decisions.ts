/** What gates found, and what people said. */
import type { DeploymentStatus } from '../../deployment';
import { CLAIMS } from '../../identity/identity';
import type { Verdict } from '../../words';
import { cell, code } from '../document';
import type { Block, Cell, Section, Tone } from '../document';
import { clock, duration } from '../words';

type Gate = DeploymentStatus['gates'][number];

const TONES: Readonly<Record<Verdict, Tone>> = { passed: 'good', refused: 'bad', inconclusive: 'warn' };

export function gates({ gates: list }: DeploymentStatus): Section | null {
  if (list.length === 0) return null;
  const findings = list.flatMap((gate) => gate.findings.map((finding) => ({ ...finding, gate })));
  return {
    id: 'gates',
    title: 'Gates',
    blocks: [
      {
        kind: 'table',
        columns: ['Gate', 'Verdict', 'Time', ''],
        figures: [2],
        rows: list.map((gate) => [
          cell(nameOf(gate)),
          cell(gate.verdict, { tone: TONES[gate.verdict] }),
          cell(duration(gate.seconds)),
          cell(gate.summary),
        ]),
      },
      ...(findings.length === 0 ? [] : [table(findings)]),
    ],
  };
}

const nameOf = ({ gate, environment }: Gate): string => (environment === null ? gate : `${gate} (${environment})`);

function table(findings: readonly (Gate['findings'][number] & { readonly gate: Gate })[]): Block {
  const remedies = findings.some(({ remedy }) => remedy !== null);
  return {
    kind: 'table',
    columns: ['Finding', 'Verdict', 'Measured', ...(remedies ? ['Next step'] : [])],
    figures: [],
    rows: findings.map(({ gate, id, verdict, message, remedy }): Cell[] => [
      code(`${gate.gate}/${id}`),
      cell(verdict, { tone: TONES[verdict] }),
      cell(message),
      ...(remedies ? [remedy === null ? cell('') : code(remedy)] : []),
    ]),
  };
}

/** Approvals, refusals, aborts and waivers, also those that did not count. */
export function messages({ messages: list, names }: DeploymentStatus): Section | null {
  if (list.length === 0) return null;
  return {
    id: 'messages',
    title: 'Approvals, and what else people said',
    blocks: [
      {
        kind: 'table',
        columns: ['At', 'Who', 'What', 'Counted', ...(names === 'signed' ? ['Signed with'] : []), ''],
        figures: [],
        rows: list.map((message) => [
          cell(clock(message.at)),
          cell(message.from),
          cell(message.kind),
          cell(message.accepted ? 'yes' : 'no', { tone: message.accepted ? 'good' : 'warn' }),
          ...(names === 'signed' ? [message.key === undefined ? cell('nothing') : code(message.key)] : []),
          cell(message.reason),
        ]),
      },
      ...(names === 'claims' ? [{ kind: 'text' as const, text: cell(CLAIMS) }] : []),
    ],
  };
}
