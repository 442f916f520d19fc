/** Was this version rolled back the last time? Then it needs a written reason to be deployed again. */
import { clock } from '../reports/words';
import type { FailureType } from '../failures';
import type { Outcome, Tier } from '../words';
import { trimEnd } from '../trim-end';

/** An earlier deployment of the same version, or of the same source; or a rollback that left it. */
export interface PastDeployment {
  readonly kind: 'deploy' | 'rollback';
  readonly version: string;
  readonly outcome: Extract<Outcome, 'succeeded' | 'rolled-back' | 'rollback-failed'>;
  /** Those that it went through, the last one is that of the outcome. */
  readonly environments: readonly Tier[];
  /** ISO. */
  readonly endedAt: string;
  readonly requester: string;
  readonly reason: string | null;
  /** What stopped it; null: nothing did, or an older version wrote it down. */
  readonly failure?: FailureType | null;
  /** Its release was given traffic in the last environment, or was about to get it; absent: taken for true. */
  readonly metUsers?: boolean;
}

/**
 * The rollback that is the latest word about one of these environments; null: there is none. What was rejected changed nothing and is no
 * word at all, nor is what a person stopped before anybody met it; what succeeded is one about every environment on its way.
 * @param past newest first
 */
export function lastRollback(past: readonly PastDeployment[], environments: readonly Tier[]): PastDeployment | null {
  for (const environment of [...environments].reverse()) {
    const latest = past
      .filter(isWord)
      .find((each) =>
        isArrival(each) ? each.environments.includes(environment) : each.environments.at(-1) === environment,
      );
    if (latest !== undefined && !isArrival(latest)) return latest;
  }
  return null;
}

const isArrival = ({ kind, outcome }: PastDeployment): boolean => kind === 'deploy' && outcome === 'succeeded';

/** These say nothing about the release: until users met it, nobody had judged it. */
const STOPPED_BY_A_PERSON: readonly FailureType[] = ['Aborted', 'Cancelled', 'Superseded'];

const isWord = ({ failure = null, metUsers = true }: PastDeployment): boolean =>
  metUsers || failure === null || !STOPPED_BY_A_PERSON.includes(failure);

/** What happened then, as the first half of a sentence. @param version the one to be deployed now */
export function rollbackWords(past: PastDeployment, version: string): string {
  const subject =
    past.version === version ? version : `the source of ${version} was deployed before, as ${past.version}: it`;
  const place = past.environments.at(-1) ?? 'production';
  const by = past.kind === 'rollback' ? ` by ${past.requester}` : '';
  const reason = past.reason === null ? '' : ` (${trimEnd(past.reason.split('\n')[0] ?? '', '. \t\r')})`;
  return `${subject} was rolled back in ${place}${by} at ${clock(past.endedAt)}${reason}`;
}
