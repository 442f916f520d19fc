/** What must be so at the end of the demo; facts in, findings out. */
import type { Impact } from '../../domain/diagnosis/answer';
import type { Counts } from '../counts';

/** From the first bad answer to the last. */
const LONGEST_BAD_S = 15;
/** The webhook is 12 % of the client's requests; as a share of the answers of 1.2.0. */
const BAD_SHARE = { from: 0.06, to: 0.2 };
/** From the first answer of 1.3.0 to its first bad one. */
const GOOD_FIRST_S = 50;
/** What 1.3.0 lacks in production. */
const MISSING = 'EXCHANGE_RATES_KEY';
const MENDS = `mvca secrets set shop production ${MISSING}`;

export type Scene = 'a' | 'b' | 'c' | 'd';

export interface SceneFacts {
  readonly version: string;
  readonly exitCode: number | null;
  readonly outcome: string | null;
  readonly counts: Counts;
  /** Folder of the report; null when there is none. */
  readonly report: string | null;
}

export interface DemoFacts {
  readonly scenes: Readonly<Record<Scene, SceneFacts>>;
  /** Between the end of (c) and the beginning of (d). */
  readonly between: Counts;
  /** What (d) says of its cause, and its report as HTML; null: it says nothing. */
  readonly diagnosis: {
    readonly title: string | null;
    readonly command: string | null;
    readonly impact: Impact | null;
    readonly report: string;
  } | null;
  /** After the last deployment had ended. */
  readonly after: Counts;
  /** `GET /healthz` all the while of scene (c). */
  readonly health: Counts;
  readonly webUi: string | null;
}

export interface Finding {
  readonly isSo: boolean;
  readonly what: string;
  readonly found: string;
}

/** Every promise of the demo with whether it was kept. */
export function check(facts: DemoFacts): readonly Finding[] {
  const { a, b, c, d } = facts.scenes;
  return [
    ...ended('a', a, SUCCEEDED),
    ...ended('b', b, SUCCEEDED),
    ...ended('c', c, ROLLED_BACK),
    ...ended('d', d, ROLLED_BACK),
    ...unharmed('(a)', a.counts),
    ...unharmed('(b)', b.counts),
    served('(a)', a.counts, ['1.0.0']),
    served('(b)', b.counts, ['1.0.0', '1.1.0']),
    served('(c)', c.counts, ['1.1.0', '1.2.0']),
    ...badAnswers(c.counts),
    finding('/healthz answered 200 all through (c)', isClean(facts.health), failures(facts.health)),
    ...unharmed('after (c)', facts.between),
    served('after (c)', facts.between, ['1.1.0']),
    served('(d)', d.counts, ['1.1.0', '1.3.0']),
    ...lateAnswers(d.counts),
    ...named(facts.diagnosis, d.counts),
    ...unharmed('after (d)', facts.after),
    served('after (d)', facts.after, ['1.1.0']),
    finding('the Web UI had an address', facts.webUi !== null, facts.webUi ?? 'none'),
  ];
}

/** Seconds from the first bad answer to the last; null without any. */
export const badSeconds = ({ firstBadAt, lastBadAt }: Counts): number | null =>
  firstBadAt === null || lastBadAt === null ? null : (lastBadAt - firstBadAt) / 1000;

interface Ending {
  readonly outcome: string;
  readonly code: number;
}
const SUCCEEDED: Ending = { outcome: 'succeeded', code: 0 };
const ROLLED_BACK: Ending = { outcome: 'rolled-back', code: 4 };

function ended(scene: Scene, facts: SceneFacts, { outcome, code }: Ending): Finding[] {
  return [
    finding(`(${scene}) ${facts.version} ended \`${outcome}\``, facts.outcome === outcome, String(facts.outcome)),
    finding(`(${scene}) the command exited with ${code}`, facts.exitCode === code, String(facts.exitCode)),
    finding(`(${scene}) has a report`, facts.report !== null, facts.report ?? 'none'),
  ];
}

function unharmed(when: string, counts: Counts): Finding[] {
  return [
    finding(`${when} the client was answered`, counts.requests > 0, `${counts.requests} requests`),
    finding(`${when} no request failed`, isClean(counts), failures(counts)),
  ];
}

function served(when: string, counts: Counts, versions: readonly string[]): Finding {
  const seen = Object.keys(counts.byVersion).sort();
  return finding(`${when} was served by ${versions.join(' and ')}`, seen.join() === versions.join(), seen.join(', '));
}

function badAnswers(counts: Counts): Finding[] {
  const bad = counts.failed['500'] ?? 0;
  const share = bad / (counts.byVersion['1.2.0'] ?? Infinity);
  const seconds = badSeconds(counts);
  return [
    finding('(c) had bad answers, and only 500', bad > 0 && bad === counts.failures, failures(counts)),
    finding(
      '(c) about 12 % of the answers of 1.2.0 were bad',
      share >= BAD_SHARE.from && share <= BAD_SHARE.to,
      `${(share * 100).toFixed(1)} %`,
    ),
    finding(
      `(c) the last bad answer came at most ${LONGEST_BAD_S} s after the first`,
      seconds !== null && seconds <= LONGEST_BAD_S,
      seconds === null ? 'none' : `${seconds.toFixed(1)} s`,
    ),
  ];
}

/** Seconds of good answers of 1.3.0 before the first bad one; null without any. */
export const goodSeconds = ({ firstBadAt, firstByVersion }: Counts): number | null => {
  const from = firstByVersion['1.3.0'];
  return firstBadAt === null || from === undefined ? null : (firstBadAt - from) / 1000;
};

function lateAnswers(counts: Counts): Finding[] {
  const [good, seconds] = [goodSeconds(counts), badSeconds(counts)];
  return [
    finding(
      '(d) had bad answers, and only 500',
      counts.failures > 0 && counts.failures === counts.failed['500'],
      failures(counts),
    ),
    finding(
      `(d) was good for at least ${GOOD_FIRST_S} s at first`,
      good !== null && good >= GOOD_FIRST_S,
      good === null ? 'no bad answers' : `${good.toFixed(1)} s`,
    ),
    finding(
      `(d) the last bad answer came at most ${LONGEST_BAD_S} s after the first`,
      seconds !== null && seconds <= LONGEST_BAD_S,
      seconds === null ? 'none' : `${seconds.toFixed(1)} s`,
    ),
  ];
}

/** The cause has a name, whom it hit is as the clients know it, and the report says both. */
function named(diagnosis: DemoFacts['diagnosis'], { clients, clientsWithFailures }: Counts): Finding[] {
  const { title, command, impact, report } = diagnosis ?? NOTHING_SAID;
  const [all, hit] = [impact?.clients ?? null, impact?.clientsAffected ?? null];
  return [
    finding(`(d) names ${MISSING} as the likely cause`, title?.includes(MISSING) === true, title ?? 'nothing'),
    finding(`(d) says what mends it: \`${MENDS}\``, command === MENDS, command ?? 'nothing'),
    finding(
      `(d) says how many of the ${clients} clients saw an error: ${clientsWithFailures}`,
      isNear(all, clients) && isNear(hit, clientsWithFailures),
      `${hit ?? '?'} of ${all ?? '?'}`,
    ),
    finding(
      '(d) has cause, remedy and plots in its report',
      [MISSING, MENDS, '<svg'].every((part) => report.includes(part)),
      report === '' ? 'no report' : `${report.length} characters`,
    ),
  ];
}

const NOTHING_SAID = { title: null, command: null, impact: null, report: '' };

/** Clients are estimated, with an error of a few percent. */
const isNear = (estimated: number | null, known: number): boolean =>
  estimated !== null && Math.abs(estimated - known) <= Math.max(2, known * 0.1);

const isClean = (counts: Counts): boolean => counts.failures === 0 && counts.inFlight === 0;

function failures(counts: Counts): string {
  const parts = Object.entries(counts.failed).map(([what, count]) => `${count} × ${what}`);
  return `${counts.failures} failed${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}

const finding = (what: string, isSo: boolean, found: string): Finding => ({ what, isSo, found });
