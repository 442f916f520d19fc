/** What the demo says last: figures of the client, not of the deployment layer. */
import { badSeconds } from './checks';
import type { DemoFacts, Finding, Scene } from './checks';

const TITLES: Readonly<Record<Scene, string>> = {
  a: '(a) first release',
  b: '(b) good release',
  c: '(c) bad release',
};

export interface Showing {
  readonly seconds: number;
  /** Whether all stays: addresses and files of a demo that clears up are of the past. */
  readonly isKept: boolean;
}

/** Lines of text. */
export function summary(facts: DemoFacts, findings: readonly Finding[], { seconds, isKept }: Showing): string {
  const { a, b, c } = facts.scenes;
  const wrong = findings.filter(({ isSo }) => !isSo);
  return [
    'What the client counted:',
    ...(['a', 'b', 'c'] as const).map((scene) => sceneLine(scene, facts)),
    `  ${'after (c)'.padEnd(20)}${count(facts.after.requests)} requests, ${facts.after.failures} failed`,
    '',
    `  failed in (a) and (b): ${a.counts.failures + b.counts.failures}`,
    `  bad answers in (c): ${c.counts.failures}, from the first to the last ${badSeconds(c.counts)?.toFixed(1) ?? '–'} s`,
    `  /healthz in (c): ${facts.health.ok} of ${facts.health.requests} answers were 200`,
    '',
    `The Web UI ${isKept ? 'is' : 'was'} at: ${facts.webUi ?? 'an unknown address'}`,
    `The reports ${isKept ? 'lie' : 'lay (they go with the demo; `npm run demo -- --keep` leaves all to look at)'} in:`,
    ...[a, b, c].map(({ version, report }) => `  ${version}: ${report ?? 'none'}`),
    '',
    wrong.length === 0
      ? `All ${findings.length} checks hold. ${seconds.toFixed(0)} s.`
      : `${wrong.length} of ${findings.length} checks do not hold (${seconds.toFixed(0)} s):`,
    ...wrong.map(({ what, found }) => `  ✗ ${what}: ${found}`),
  ].join('\n');
}

function sceneLine(scene: Scene, facts: DemoFacts): string {
  const { version, outcome, counts } = facts.scenes[scene];
  const { p50, p99 } = counts.latencyMs;
  const latency = `p50 ${p50?.toFixed(1) ?? '–'} ms, p99 ${p99?.toFixed(1) ?? '–'} ms`;
  const name = `${TITLES[scene]}`.padEnd(20);
  return `  ${name}${count(counts.requests)} requests, ${counts.failures} failed, ${latency}; ${version} ${outcome ?? 'did not end'}`;
}

const count = (value: number): string => value.toLocaleString('en').padStart(7);
