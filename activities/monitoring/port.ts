/** What a source of metrics must promise: a figure now, or why there is none. */
import type { Reading } from '../../domain/judge/outside';
import type { SecretUser } from '../../domain/secrets/access';

export interface MetricQuestion {
  readonly url: string;
  /** Complete: all names are put in. */
  readonly query: string;
  /** Reference of a secret that opens the source; null: it is open. */
  readonly token: string | null;
  /** For whom it is asked. */
  readonly user: SecretUser;
  readonly signal: AbortSignal;
}

export interface MetricsSource {
  /** Never throws: a source that is away, or answers with something that is no figure, gives a reason. Repeatable; at most 5 seconds. */
  read(question: MetricQuestion): Promise<Reading>;
}
