/** How long going back may take, and what is said of each thing that could not be undone, with the command that finishes it. */
import type { ReleaseStatus } from './release';
import type { EnvironmentSpec } from './spec/spec';
import type { StrategyStep } from './strategies/strategy';
import type { Tier, Weights } from './words';

/** What stays as it is when an undo fails. */
export interface Leaves {
  /** `give-back`: the traffic is not given to `to` (null: nobody is to serve); `stop`: it runs on; `start-again`: it does not run; `put-back`: some of its instances do not. */
  readonly kind: 'give-back' | 'stop' | 'start-again' | 'put-back';
  /** The release that it is about. */
  readonly release: string;
  readonly to?: string | null;
}

export interface Unfinished {
  readonly environment: Tier;
  readonly step: string;
  readonly release: string;
  /** What should have been done, in words. */
  readonly does: string;
  /** Why it was not. */
  readonly error: string;
  /** What is so now, asked of the machine. */
  readonly now: string;
  /** The command that finishes it. */
  readonly command: string;
}

/** What quick calls may take while the machine is busy or a part is being started again. */
const MARGIN_MS = 60_000;

/** Milliseconds that one undo may take: what the spec allows for its parts, and a margin. */
export function undoLimitMs(
  { kind }: Pick<Leaves, 'kind'>,
  { health, traffic, stop, platform }: EnvironmentSpec,
): number {
  switch (kind) {
    case 'give-back':
      return MARGIN_MS;
    case 'stop':
      return traffic.drainMs + stop.graceMs + MARGIN_MS;
    case 'start-again':
      return health.startMs + 2 * MARGIN_MS;
    case 'put-back':
      return platform.instances * (traffic.drainMs + stop.graceMs + health.startMs) + 2 * MARGIN_MS;
  }
}

const UNDONE_AS: Readonly<Partial<Record<StrategyStep['kind'], Leaves['kind']>>> = {
  start: 'stop',
  shift: 'give-back',
  'stop-old': 'start-again',
  'make-room': 'start-again',
};

/** Milliseconds that the undos of all these steps together may take. */
export function undoWithinMs(steps: readonly StrategyStep[], environment: EnvironmentSpec): number {
  // All batches have one undo.
  const batches = steps.some(({ kind }) => kind === 'replace') ? (['put-back'] as const) : [];
  const kinds = [...steps.flatMap(({ kind }) => UNDONE_AS[kind] ?? []), ...batches];
  return kinds.reduce((sum, kind) => sum + undoLimitMs({ kind }, environment), 0);
}

/** The command that does what an undo did not. */
export function finishingCommand(app: string, environment: Tier, { kind, release, to }: Leaves): string {
  const place = `--environment ${environment}`;
  if (kind === 'stop') return `mvca retire ${app} ${release} ${place}`;
  if (kind === 'give-back' && to == null) return `mvca retire ${app} ${release} ${place} --serving`;
  return `mvca rollback ${app} ${place} --to ${to ?? release} --reason WHY`;
}

/** @param facts null: the machine could not be asked */
export function standsNow(
  release: string,
  facts: { readonly releases: readonly ReleaseStatus[]; readonly weights: Weights } | null,
): string {
  if (facts === null) return 'how it stands could not be asked';
  const found = facts.releases.find((each) => each.release === release);
  const weight = facts.weights[release] ?? 0;
  if (found === undefined) return weight > 0 ? `is gone, and ${weight} % of the traffic goes to it` : 'is gone';
  return `is ${found.state} and has ${weight} % of the traffic`;
}

/** One line for all who read of it. */
export const unfinishedSentence = ({ environment, release, does, error, now, command }: Unfinished): string =>
  `not undone: ${does}: ${error}; in ${environment} ${release} ${now}; finish it with: ${command}`;
