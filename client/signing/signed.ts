/** Messages and requests with the signature of whoever sends them, where there is one. */
import { TEXT_LIMIT } from '../../domain/approvals/decide';
import type { DeployRequest, DeploymentStatus } from '../../domain/deployment';
import type { FreezeChange } from '../../domain/freezes/freeze';
import { contentDigest } from '../../system/content-digest';
import {
  deploymentId,
  policyId,
  type PolicyRequest,
  type RetireRequest,
  type RollbackRequest,
} from '../../workflows/messages';
import type { EngineConnection } from '../connection';
import type { Message } from '../send-message';

type Signing = Pick<EngineConnection, 'signer'>;

interface Addressee {
  readonly app: string;
  readonly id: string;
  readonly run: string;
  readonly status: () => Promise<DeploymentStatus>;
}

/** What makes something happen names the plan as well, so that it counts for no other. */
export async function signedMessage<M extends Message>(
  { signer }: Signing,
  { app, id, run, status }: Addressee,
  given: M,
  options?: { readonly countsForMs?: number },
): Promise<M> {
  if (signer === undefined) return given;
  const message = {
    ...given,
    by: given.by.trim(),
    ...('reason' in given && { reason: given.reason?.slice(0, TEXT_LIMIT) }),
  };
  const digest = await digestOf(message, status);
  const { by: person, kind: meaning } = message;
  const reason = message.reason ?? null;
  const finding = ('finding' in message ? message.finding : null) ?? null;
  const statement = { person, application: app, deployment: id, run, meaning, digest, finding, reason };
  const proof = await signer.sign(statement, options);
  return proof === null ? message : { ...message, ...(digest === null ? {} : { digest }), ...proof };
}

async function digestOf(message: Message, status: Addressee['status']): Promise<string | null> {
  if ('digest' in message && message.digest !== undefined) return message.digest;
  if (message.kind !== 'waive' && message.kind !== 'promote' && message.kind !== 'resume') return null;
  return (await status()).plan?.digest ?? null;
}

/** @param countsForMs as long as it may wait in line */
export async function signedRequest<R extends DeployRequest | RollbackRequest>(
  { signer }: Signing,
  request: R,
  options?: { readonly countsForMs?: number },
): Promise<R> {
  const [app, meaning] = 'spec' in request ? [request.spec.app, 'deploy' as const] : [request.app, 'rollback' as const];
  const statement = { application: app, deployment: deploymentId(app), run: null, meaning, finding: null };
  const { requester: person, reason = null } = request;
  const proof = await signer?.sign({ ...statement, person, reason, digest: contentDigest(request) }, options);
  return proof == null ? request : { ...request, proof };
}

/** Ending a freeze lets deployments go on; making one needs no signature. @param deployment workflow id */
export async function signedChange(
  { signer }: Signing,
  change: FreezeChange,
  deployment: string,
): Promise<FreezeChange> {
  if (change.kind === 'freeze') return change;
  const { by: person, app, reason, id: finding } = change;
  const statement = { person, application: app ?? '*', deployment, run: null, meaning: 'unfreeze' as const };
  const proof = await signer?.sign({ ...statement, digest: null, finding, reason });
  return proof == null ? change : { ...change, proof };
}

/** Taking a release away: of the way back, or of users. @param deployment workflow id */
export async function signedRetirement(
  { signer }: Signing,
  request: RetireRequest,
  deployment: string,
): Promise<RetireRequest> {
  const { app: application, by: person = '' } = request;
  const statement = { person, application, deployment, run: null, meaning: 'retire' as const };
  const proof = await signer?.sign({ ...statement, digest: contentDigest(request), finding: null, reason: null });
  return proof == null ? request : { ...request, proof };
}

/** A change of the policy, by whoever asks for it. */
export async function signedPolicy({ signer }: Signing, request: PolicyRequest): Promise<PolicyRequest> {
  const { app: application, by: person } = request;
  const statement = { person, application, deployment: policyId(application), run: null, meaning: 'policy' as const };
  const proof = await signer?.sign({ ...statement, digest: contentDigest(request), finding: null, reason: null });
  return proof == null ? request : { ...request, proof };
}
