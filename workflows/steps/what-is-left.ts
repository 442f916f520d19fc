/** After undos that failed: what is really so, thing by thing, and the command that finishes each. */
import type { EnvironmentFacts } from '../../activities/facts-contract';
import { finishingCommand, standsNow, type Unfinished } from '../../domain/rollback';
import type { Tier } from '../../domain/words';
import type { Deployment } from '../support/deployment';
import type { Undone } from '../support/saga';
import { within } from '../support/within';
import { factsOf, showReleases } from './validate';

/** People wait for the words; a machine that does not answer is said to be one. */
const ASK_MS = 20_000;

export async function whatIsLeft(deployment: Deployment, failed: readonly Undone[]): Promise<readonly Unfinished[]> {
  const facts = new Map<Tier, EnvironmentFacts | null>();
  const left: Unfinished[] = [];
  for (const { undo, error } of failed) {
    const { environment, step, does, leaves } = undo;
    const known = facts.get(environment) ?? (facts.has(environment) ? null : await ask(deployment, undo.leaves.in));
    facts.set(environment, known);
    left.push({
      environment,
      step,
      release: leaves.release,
      does,
      error: error?.split('\n')[0] ?? '',
      now: standsNow(leaves.release, known),
      command: finishingCommand(deployment.status.app, environment, leaves),
    });
  }
  return left;
}

async function ask(
  deployment: Deployment,
  environment: Parameters<typeof factsOf>[1],
): Promise<EnvironmentFacts | null> {
  const { app } = deployment.status;
  const asking = within(ASK_MS, `how it stands in ${environment.name}`, () => factsOf(app, environment));
  const facts = (await asking.catch(() => null))?.value ?? null; // said as such
  if (facts !== null) showReleases(deployment, facts);
  return facts;
}
