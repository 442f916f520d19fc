/** What the demo says last: figures of the client, not of the deployment layer. */
import { impactSentence } from '../../domain/reports/sentence';
import { badSeconds, goodSeconds } from './checks';
import type { DemoFacts, Finding, Scene } from './checks';

const TITLES: Readonly<Record<Scene, string>> = {
  a: '(a) first release',
  b: '(b) good release',
  c: '(c) bad release',
  d: '(d) bad late',
};

export interface Showing {
  readonly seconds: number;
  /** Whether all stays: addresses and files of a demo that clears up are of the past. */
  readonly isKept: boolean;
}

/** Lines of text. */
export function summary(facts: DemoFacts, findings: readonly Finding[], { seconds, isKept }: Showing): string {
  const { a, b, c, d } = facts.scenes;
  const wrong = findings.filter(({ isSo }) => !isSo);
  return [
    'What the client counted:',
    ...(['a', 'b', 'c', 'd'] as const).map((scene) => sceneLine(scene, facts)),
    `  ${'after (d)'.padEnd(20)}${count(facts.after.requests)} requests, ${facts.after.failures} failed`,
    '',
    `  failed in (a) and (b): ${a.counts.failures + b.counts.failures}`,
    `  bad answers in (c): ${c.counts.failures}, from the first to the last ${badSeconds(c.counts)?.toFixed(1) ?? '–'} s`,
    `  bad answers in (d): ${d.counts.failures}, from the first to the last ${badSeconds(d.counts)?.toFixed(1) ?? '–'} s, after ${goodSeconds(d.counts)?.toFixed(0) ?? '–'} good seconds`,
    `  clients that saw one in (d): ${d.counts.clientsWithFailures} of ${d.counts.clients}`,
    `  /healthz in (c): ${facts.health.ok} of ${facts.health.requests} answers were 200`,
    '',
    ...saidOf(facts.diagnosis),
    '',
    `The Web UI ${isKept ? 'is' : 'was'} at: ${facts.webUi ?? 'an unknown address'}`,
    `The reports ${isKept ? 'lie' : 'lay (they go with the demo; `npm run demo -- --keep` leaves all to look at)'} in:`,
    ...[a, b, c, d].map(({ version, report }) => `  ${version}: ${report ?? 'none'}`),
    '',
    wrong.length === 0
      ? `All ${findings.length} checks hold. ${seconds.toFixed(0)} s.`
      : `${wrong.length} of ${findings.length} checks do not hold (${seconds.toFixed(0)} s):`,
    ...wrong.map(({ what, found }) => `  ✗ ${what}: ${found}`),
  ].join('\n');
}

const saidOf = (diagnosis: DemoFacts['diagnosis']): string[] => [
  'What the deployment said of (d):',
  `  likely cause: ${diagnosis?.title ?? 'none'}`,
  `  what mends it: ${diagnosis?.command ?? 'nothing'}`,
  `  whom it hit: ${diagnosis?.impact == null ? 'not known' : impactSentence(diagnosis.impact)}`,
];

function sceneLine(scene: Scene, facts: DemoFacts): string {
  const { version, outcome, counts } = facts.scenes[scene];
  const { p50, p99 } = counts.latencyMs;
  const latency = `p50 ${p50?.toFixed(1) ?? '–'} ms, p99 ${p99?.toFixed(1) ?? '–'} ms`;
  const name = `${TITLES[scene]}`.padEnd(20);
  return `  ${name}${count(counts.requests)} requests, ${counts.failures} failed, ${latency}; ${version} ${outcome ?? 'did not end'}`;
}

const count = (value: number): string => value.toLocaleString('en').padStart(7);
