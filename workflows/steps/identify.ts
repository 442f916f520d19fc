/** Before anything else: whoever is named as asking for it did ask for it. */
import { workflowInfo } from '@temporalio/workflow';
import type { DeployRequest } from '../../domain/deployment';
import { nameProblem } from '../../domain/identity/decide';
import type { Proven } from '../../domain/identity/identity';
import type { Proof, Statement } from '../../domain/identity/statement';
import type { PolicyRequest, RetireRequest, RollbackRequest } from '../messages';
import type { Deployment } from '../support/deployment';
import { halt } from '../support/failure';
import { isGuarded } from '../support/guarded';
import type { Noted } from '../support/journal';
import { call } from '../support/proxies';

type Request = DeployRequest | RollbackRequest | PolicyRequest | RetireRequest;

/** @throws `UnprovenRequester` where people have identities and the requester's signature is not there. */
export async function identify(deployment: Deployment, request: Request): Promise<void> {
  if (!isGuarded()) return;
  const { status } = deployment;
  const { requester: by, app, kind } = status;
  const { proven, signed } = await prove({ by, app, meaning: kind }, request);
  status.names = proven.kind === 'signed' ? 'signed' : 'claims';
  if (signed !== null) deployment.note(`${kind}.signed`, `${by} signed what is asked for`, signed);
}

/** Its id is the lock of the application, and the address of every message about it. @throws `InvalidSpec` */
export function refuseAnotherPlace(own: string, app: string): void {
  const { workflowId } = workflowInfo();
  if (workflowId === own) return;
  throw halt('InvalidSpec', `the workflow is ${workflowId}, and what is asked of ${app} has its place at ${own}`);
}

interface Asking {
  readonly by: string;
  readonly app: string;
  readonly meaning: Extract<Statement['meaning'], 'deploy' | 'rollback' | 'policy' | 'retire'>;
}

/** `signed`: what an auditor needs to verify it. @throws as `identify` */
export async function prove(
  { by, app, meaning }: Asking,
  request: Request,
): Promise<{ readonly proven: Proven; readonly signed: Noted | null }> {
  const { proof, ...content } = request;
  const { workflowId: deployment, runId } = workflowInfo();
  const reason = 'reason' in request ? (request.reason ?? null) : null;
  const statement: Statement = {
    ...{ person: by, application: app, deployment, run: null, meaning },
    ...{ digest: null, finding: null, reason, ...whenOf(proof) },
  };
  const asked = { statement, content, signature: proof?.signature ?? null, at: now(), use: runId };
  const proven = await call('proveRequest', `does ${by} ask for it?`)(asked);
  const problem = nameProblem(proven, { meaning, by, command: `mvca ${meaning}` });
  if (problem !== null) throw halt('UnprovenRequester', problem.reason);
  if (proven.kind !== 'signed') return { proven, signed: null };
  const facts = { key: proven.fingerprint, statement: proven.statement, signature: proof?.signature ?? '' };
  return { proven, signed: { by, facts } };
}

const whenOf = (proof: Proof | undefined): Pick<Statement, 'expires' | 'nonce'> => ({
  expires: proof?.expires ?? '',
  nonce: proof?.nonce ?? '',
});

const now = (): string => new Date(Date.now()).toISOString();
