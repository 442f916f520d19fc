/** What is asked of the engine, with everything filled in that nobody said. */
import { personProblem } from '../domain/approvals/person';
import type { DeployRequest } from '../domain/deployment';
import { versionProblem } from '../domain/source/version';
import { readConfig } from './config';
import type { StartRequest } from './deployments';
import { Refused } from './errors';

/** @throws Refused when the version, the requester or the environment cannot be. */
export function deployRequest({
  spec,
  directory,
  file,
  version,
  dirty,
  to,
  requester,
  reason,
  ...more
}: StartRequest): DeployRequest {
  const last = to ?? spec.environments.at(-1)?.name;
  if (last === undefined || !spec.environments.some((environment) => environment.name === last)) {
    const known = spec.environments.map((environment) => environment.name).join(', ') || 'none';
    throw new Refused(`the spec has no environment ${last ?? 'at all'}; it has: ${known}`, null);
  }
  const by = requester ?? readConfig().user;
  const problem = personProblem(by) ?? (version == null ? null : versionProblem(version));
  if (problem !== null) throw new Refused(problem, null);
  return {
    spec,
    directory,
    ...(file === undefined ? {} : { file }),
    version: version ?? null,
    dirty: dirty ?? false,
    to: last,
    requester: by,
    reason: reason?.trim() || null,
    ...more,
  };
}
