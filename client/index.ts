/**
 * The client: starts deployments and speaks with them.
 *
 * ```ts
 * const connection = await connect();
 * const spec = await loadSpec('deployment.yaml');
 * if (spec.kind === 'read') {
 *   const deployment = await createDeployments(connection).start(spec);
 *   for await (const step of deployment.events()) console.log(step.phase, step.step, step.state);
 *   console.log((await deployment.result()).outcome);
 * }
 * await connection.close();
 * ```
 */
export { connect, type ConnectOptions, type EngineConnection } from './connection';
export { readConfig, type ClientConfig } from './config';
export { createDeployments, type Deployments, type StartRequest } from './deployments';
export { type Deployment, type Look, type RunState } from './deployment';
export { type LinePlace, type OnConflict } from './line';
export { AlreadyRunning, EngineUnreachable, LeftLine, NoDeployment, Refused } from './errors';
export { type FollowOptions, type FollowUpdate } from './follow';
export { type LiveActivity } from './live';
export { type Answer } from './send-message';
export { loadSpec, type LoadedSpec } from './spec-file';
export { formatProblem } from '../domain/spec/format-problem';
export type { DeploymentResult, DeploymentStatus, StepEvent } from '../domain/deployment';
export type { FreezeAnswer, FreezeChange, FreezeStanding, FreezeView } from '../domain/freezes/freeze';
export type { Plan } from '../domain/plan/plan';
export type { Problem, Spec } from '../domain/spec/spec';
