/** Runs a judging rule over many simulated streams. */
import type { Answer } from '../../domain/judge/stream';
import { share } from '../../domain/numbers';
import { createRandom } from '../support/random';
import { answersOf, type Scenario } from './streams';

/** A rule sees one answer after another and says when it raises an alarm. */
export interface Rule {
  readonly name: string;
  begin(): { take(answer: Answer): void; hasAlarm(): boolean; isHealthy(): boolean | null };
}

export interface Measured {
  readonly runs: number;
  readonly alarms: number;
  /** Ended `healthy`; null where the rule knows no such verdict. */
  readonly healthy: number | null;
  /** Answers of the new release from the beginning of the fault to the alarm; null without alarms. */
  readonly median: number | null;
  readonly p95: number | null;
  /** Alarms before the fault began. */
  readonly tooEarly: number;
}

export function measure(rule: Rule, scenario: Scenario, runs: number, seed = 1): Measured {
  const needed: number[] = [];
  let healthy: number | null = null;
  let tooEarly = 0;
  let alarms = 0;
  for (let run = 0; run < runs; run += 1) {
    const judge = rule.begin();
    let since = 0;
    for (const answer of answersOf(scenario, createRandom(seed * 1_000_003 + run))) {
      judge.take(answer);
      if (judge.hasAlarm()) break;
      if (answer.release === 'new' && answer.at >= (scenario.onset ?? Infinity) * 1000) since += 1;
    }
    const isHealthy = judge.isHealthy();
    if (isHealthy !== null) healthy = (healthy ?? 0) + (isHealthy ? 1 : 0);
    if (judge.hasAlarm()) alarms += 1;
    if (judge.hasAlarm() && since === 0) tooEarly += 1;
    needed.push(judge.hasAlarm() ? since : Infinity);
  }
  const at = (part: number): number | null => {
    const value = share(needed, part);
    return value === null || !Number.isFinite(value) ? null : value;
  };
  return { runs, alarms, healthy, median: at(0.5), p95: at(0.95), tooEarly };
}
