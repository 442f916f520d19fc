/** What the judge found, in numbers; and in the words in which everybody reads it. */
import { percent } from '../numbers';
import type { Why } from '../words';

export interface Finding {
  readonly measure: 'errors' | 'slow' | 'answers';
  /** Only answers of this route; null: all. */
  readonly route: string | null;
  /** Shares (0 to 1) of `samples`; of the measure `answers` the number itself. */
  readonly value: number;
  readonly limit: number;
  /** Answers of the new release that this rests on. */
  readonly samples: number;
  readonly against: 'old release' | 'objective' | 'minimum';
  /** How many times more "worse" explains the answers than "equally good"; null without. */
  readonly evidence: number | null;
  /** What counts as slow, in words; null for other measures. */
  readonly slowerThan: string | null;
}

/** The same finding as every report, view and message shows it. */
export function whyOf(finding: Finding): Why {
  const { measure, value, limit, samples, against, route } = finding;
  if (measure === 'answers')
    return {
      measure: 'answers',
      value: String(value),
      limit: `at least ${limit}`,
      samples: `${value} answers`,
      source: 'router and probes',
    };
  return {
    measure: `${measure === 'slow' ? `answers slower than ${finding.slowerThan ?? 'before'}` : 'errors'}${route === null ? '' : ` on ${route}`}`,
    value: percent(value, 1),
    limit: `${against === 'old release' ? `old release ${percent(limit, 1)}` : percent(limit, 1)}${evidenceOf(finding)}`,
    samples: `${Math.round(value * samples)} of ${samples} answers`,
    source: 'router',
  };
}

const evidenceOf = ({ evidence }: Finding): string =>
  evidence === null ? '' : `; evidence ${Math.round(evidence).toLocaleString('en-US')} to 1`;
