/** Whose word a message is: asked of an activity, since a workflow computes no signatures, and one after the other, so that their order stays. */
import { CancellationScope } from '@temporalio/workflow';
import { onlyStops } from '../../domain/identity/decide';
import type { Proven } from '../../domain/identity/identity';
import type { Meaning, Statement } from '../../domain/identity/statement';
import type { DeploymentStatus } from '../../domain/deployment';
import { describeFailure } from './failure';
import { call } from './proxies';

type Fields = Readonly<Record<string, string>>;

export class Proofs {
  private asking: Promise<unknown> = Promise.resolve();
  /** Messages that are not answered yet. */
  pending = 0;
  private asked = 0;

  constructor(private readonly status: Pick<DeploymentStatus, 'app' | 'deployment' | 'run'>) {}

  /** null: an unsigned message that only stops, for which nobody needs to be asked and nothing is waited for. */
  of(meaning: Meaning, fields: Fields): Promise<Proven> | null {
    const { signature } = fields;
    if (onlyStops(meaning) && signature === undefined) return null;
    const statement = this.statementOf(meaning, fields);
    const request = { statement, signature: signature ?? null, at: now(), use: `${this.status.run}/${++this.asked}` };
    const ask = (): Promise<Proven> =>
      CancellationScope.nonCancellable(() => call('proveStatement', `whose word is this ${meaning}?`)(request)).catch(
        (error: unknown) => ({ kind: 'refused', reason: unproven(error), unanswered: true }),
      );
    // Who stops something waits for no other message.
    if (onlyStops(meaning)) return ask();
    this.pending += 1;
    const answer = this.asking.then(ask).finally(() => (this.pending -= 1));
    this.asking = answer;
    return answer;
  }

  /** When those before are answered, what needs no asking has its turn. */
  get turn(): Promise<unknown> {
    return this.asking;
  }

  private statementOf(meaning: Meaning, fields: Fields): Statement {
    const { app, deployment, run } = this.status;
    const { by = '', digest = null, finding = null, reason = null, expires = '', nonce = '' } = fields;
    return { person: by, application: app, deployment, run, meaning, digest, finding, reason, expires, nonce };
  }
}

const unproven = (error: unknown): string =>
  `nobody could say whose word it is (${describeFailure(error).message}); send it again`;

const now = (): string => new Date(Date.now()).toISOString();
