/** What instances answer weighs more than what a log seems to say. */
import type { Cause } from './answer';
import type { Facts, InstanceAnswer } from './facts';

/** Whether an answer of this release shows that it is not so. */
export function isDisproved(
  { cause, first }: Pick<Cause, 'cause'> & { readonly first: { readonly instance: number } },
  { fresh }: Facts,
): boolean {
  const answer = fresh.answers.find(({ instance }) => instance === first.instance);
  if (answer === undefined) return false;
  const port = fresh.instances.find(({ instance }) => instance === first.instance)?.port;
  if (cause === 'wrong-port')
    return answers(answer) || (port !== undefined && answer.listening?.includes(port) === true);
  return cause === 'health-path' && answer.health.status !== null && answer.health.status < 400;
}

/** On the port that it was given. */
const answers = ({ health, root }: InstanceAnswer): boolean => health.status !== null || root.status !== null;
