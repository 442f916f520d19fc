/** A diagnosis as a person reads it. */
import type { Cause, Diagnosis, Evidence, Looked } from '../../../domain/diagnosis/answer';
import { impactSentence } from '../../../domain/reports/sentence';
import { line, part, type Line } from '../line';

const MOST_ROUTES = 3;

export function diagnosisLines(diagnosis: Diagnosis): Line[] {
  const { causes, looked, unexplained } = diagnosis;
  const at = looked.map(lookedText).join(', ');
  const said =
    causes.length > 0
      ? [...causes.flatMap(causeLines), line(part(`looked at ${at}`, 'dim'))]
      : [
          line(
            part('no cause found', 'warn'),
            `: looked at ${at} for errors by class, code, SQLSTATE, signal and place in the code`,
          ),
          ...unexplained.map((one) => line(part(`  ${placeText(one)} `, 'dim'), one.text)),
        ];
  return [...said, ...impactLines(diagnosis)];
}

/** Whom it hit, with the routes that failed most. */
export function impactLines({ impact }: Pick<Diagnosis, 'impact'>): Line[] {
  if (impact === null) return [];
  const routes = impact.routes.filter(({ failed }) => failed > 0).slice(0, MOST_ROUTES);
  return [
    line(part('impact    ', 'dim'), impactSentence(impact)),
    ...routes.map(({ route, requests, failed }) =>
      line(part(`          ${route}: ${failed} of ${requests} failed`, 'dim')),
    ),
  ];
}

const lookedText = ({ source, lines, errors, found }: Looked): string =>
  found === undefined ? `${source} (${lines} lines, ${errors} errors)` : `${source} (${found})`;

const placeText = ({ source, line: number }: Evidence): string =>
  number === undefined ? source : `${source}:${number}`;

function causeLines({ title, cause, confidence, count, countBefore, evidence, remedy }: Cause, at: number): Line[] {
  const before = countBefore === 0 ? '' : `, ${countBefore} times in the old release`;
  const times = count === 1 && before === '' ? '' : `, ${count} times${before}`;
  return [
    line(
      part(`${at + 1}. ${title}`, at === 0 ? 'bad' : 'strong'),
      part(` (${cause}, confidence ${confidence}${times})`, 'dim'),
    ),
    ...evidence.map((one) =>
      line(part(`   ${one.at === null ? '' : `${one.at} `}${placeText(one)} `, 'dim'), one.text),
    ),
    line(`   ${remedy.text}`),
    ...(remedy.command === undefined ? [] : [line('   ', part(remedy.command, 'accent'))]),
  ];
}
