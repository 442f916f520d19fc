/** What the Temporal Web UI shows of a workflow from its first moment to its last, as Markdown: what was asked for, by whom. */
import type { DeployRequest } from '../deployment';
import { environmentsTo } from '../plan/make-plan';
import type { EnvironmentSpec } from '../spec/spec';
import { formatDuration } from '../units';
import { markdownCode, markdownText } from './markdown-text';

/** What was asked of a `rollback`. */
interface Return {
  readonly app: string;
  readonly environment: Pick<EnvironmentSpec, 'name'>;
  readonly to: string | null;
  readonly requester: string;
  readonly reason: string | null;
}

/** What was asked of a `retire`. */
interface Retirement {
  readonly app: string;
  readonly environment: Pick<EnvironmentSpec, 'name' | 'retire'>;
  readonly release: string;
}

/** Application, version, who, source and the way. The plan and its digest are not known yet: they stand in the current details. */
export function deployDetails({ spec, to, version, directory, dirty, requester }: DeployRequest): string {
  const named = version === null ? 'by the source: its tag, else its commit, else its digest' : markdownText(version);
  return list(`**Deployment of ${markdownText(spec.app)}** to ${to}`, [
    `Version: ${named}`,
    `Asked for by: ${markdownText(requester)}`,
    `Source: ${markdownCode(directory)}${dirty ? ', with changes that git does not have' : ''}`,
    `Way: ${environmentsTo(spec, to).map(stage).join(', then ')}`,
    `Plan, digest, and what it waits for: in the current details, or by ${markdownCode(`mvca watch ${spec.app}`)}`,
  ]);
}

/** Where the traffic is to go back to, who asked and why. */
export function rollbackDetails({ app, environment, to, requester, reason }: Return): string {
  return list(`**Rollback of ${markdownText(app)}** in ${environment.name}`, [
    `Back to: ${to === null ? 'the release before' : markdownText(to)}`,
    `Asked for by: ${markdownText(requester)}`,
    ...(reason === null ? [] : [`Reason: ${markdownText(reason)}`]),
  ]);
}

/** What will be stopped, when, and when not. */
export function retireDetails({ app, environment, release }: Retirement): string {
  return list(`**Retirement of ${markdownCode(release)}** of ${markdownText(app)} in ${environment.name}`, [
    `It is kept warm for ${formatDuration(environment.retire.afterMs)}, to go back to`,
    'After that it is stopped and its files are removed, unless it serves again by then',
  ]);
}

/** `production (blue-green) after 1 approval by ana or bo`. */
function stage({ name, strategy, approval }: EnvironmentSpec): string {
  const way = `${name} (${strategy.kind})`;
  if (approval === null) return way;
  const who = approval.from.length === 0 ? '' : ` by ${approval.from.map(markdownText).join(' or ')}`;
  return `${way} after ${approval.needs} approval${approval.needs === 1 ? '' : 's'}${who}`;
}

const list = (title: string, lines: readonly string[]): string =>
  [title, '', ...lines.map((line) => `- ${line}`)].join('\n');
