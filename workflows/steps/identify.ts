/** Before anything else: whoever is named as asking for it did ask for it. */
import type { DeployRequest } from '../../domain/deployment';
import { nameProblem } from '../../domain/identity/decide';
import type { Statement } from '../../domain/identity/statement';
import type { PolicyRequest, RollbackRequest } from '../messages';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';
import { isGuarded } from '../support/guarded';
import { callLocal } from '../support/proxies';

type Request = DeployRequest | RollbackRequest | PolicyRequest;

/** @throws `UnprovenRequester` where people have identities and the requester's signature is not there. */
export async function identify(deployment: Deployment, request: Request): Promise<void> {
  if (!isGuarded()) return;
  const { status } = deployment;
  const { proof, ...content } = request;
  const proven = await callLocal(
    'proveRequest',
    `does ${status.requester} ask for it?`,
  )({
    statement: statementOf(deployment, request),
    content,
    signature: proof?.signature ?? null,
    at: new Date(Date.now()).toISOString(),
    use: status.run,
  });
  const { kind, requester: by } = status;
  const problem = nameProblem(proven, { meaning: kind, by, command: `mvca ${kind}` });
  if (problem !== null) throw halt('UnprovenRequester', problem.reason);
  status.names = proven.kind === 'signed' ? 'signed' : 'claims';
  if (proven.kind !== 'signed') return;
  const { fingerprint: key, statement } = proven;
  const facts = { key, statement, signature: proof?.signature ?? '' };
  deployment.note(`${kind}.signed`, `${by} signed what is asked for`, { by, facts });
}

function statementOf({ status }: Deployment, request: Request): Statement {
  const { requester: person, app: application, deployment, kind: meaning } = status;
  const { expires = '', nonce = '' } = request.proof ?? {};
  const reason = 'reason' in request ? request.reason : null;
  const when = { expires, nonce };
  return {
    person,
    application,
    deployment,
    run: null,
    meaning,
    digest: null,
    finding: null,
    reason: reason ?? null,
    ...when,
  };
}
