/** Whose word is it? Part of `contract.ts`. */
import type { IdentityChange, IdentityView, KeyUse, Proven } from '../domain/identity/identity';
import type { Statement } from '../domain/identity/statement';

/** Task queue `control`. */
export interface IdentityActivities {
  /** Verifies the signature of a statement, which counts once. Milliseconds. */
  proveStatement(request: ProveRequest): Promise<Proven>;
  /** The same for what is asked for as a whole: its digest is that of `content`. Milliseconds. */
  proveRequest(request: ProveRequest & { readonly content: unknown }): Promise<Proven>;
  /** What is wrong with each of these keys by now, in words; none: all count. Milliseconds; changes nothing. */
  checkKeys(uses: readonly KeyUse[]): Promise<readonly string[]>;
  /** Writes the head of the audit log down elsewhere, where that is configured; answers what failed, in words. Seconds. */
  anchorAudit(of: { readonly app: string; readonly run: string }): Promise<string | null>;
  /** Adds or removes a key, once by run, with an audit entry (`IdentityRefused` when it is not as it must be). Milliseconds. */
  changeIdentities(request: IdentityChangeRequest): Promise<readonly IdentityView[]>;
}

export interface ProveRequest {
  readonly statement: Statement;
  /** null: nothing was signed. */
  readonly signature: string | null;
  /** ISO; the workflow's clock. */
  readonly at: string;
  /** Names the message for which it counts: the same in each repetition, another for another message. */
  readonly use: string;
}

export interface IdentityChangeRequest {
  readonly deployment: string;
  readonly run: string;
  /** ISO; the workflow's clock. */
  readonly at: string;
  readonly change: IdentityChange;
}
