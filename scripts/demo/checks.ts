/** What must be so at the end of the demo; facts in, findings out. */
import type { Counts } from '../counts';

/** From the first bad answer to the last. */
const LONGEST_BAD_S = 15;
/** The webhook is 12 % of the client's requests; as a share of the answers of 1.2.0. */
const BAD_SHARE = { from: 0.06, to: 0.2 };

export type Scene = 'a' | 'b' | 'c';

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
  const { a, b, c } = facts.scenes;
  return [
    ...ended('a', a, SUCCEEDED),
    ...ended('b', b, SUCCEEDED),
    ...ended('c', c, ROLLED_BACK),
    ...unharmed('(a)', a.counts),
    ...unharmed('(b)', b.counts),
    served('(a)', a.counts, ['1.0.0']),
    served('(b)', b.counts, ['1.0.0', '1.1.0']),
    served('(c)', c.counts, ['1.1.0', '1.2.0']),
    ...badAnswers(c.counts),
    finding('/healthz answered 200 all through (c)', isClean(facts.health), failures(facts.health)),
    ...unharmed('after (c)', facts.after),
    served('after (c)', facts.after, ['1.1.0']),
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

const isClean = (counts: Counts): boolean => counts.failures === 0 && counts.inFlight === 0;

function failures(counts: Counts): string {
  const parts = Object.entries(counts.failed).map(([what, count]) => `${count} × ${what}`);
  return `${counts.failures} failed${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}

const finding = (what: string, isSo: boolean, found: string): Finding => ({ what, isSo, found });
