/** Secrets of an environment are resolved by that environment's queue: a worker that holds them, and no other, is asked. */
import { Context } from '@temporalio/activity';
import type { SecretUser } from '../../domain/secrets/access';
import { fail } from '../failure';
import type { SecretAccess } from '../secret-access';

/** The same access, refused where an activity of another queue asks for it. */
export function onOwnQueue(access: SecretAccess): SecretAccess {
  return {
    resolve: async (reference, user) => {
      refuseOtherQueue(user);
      return access.resolve(reference, user);
    },
    version: async (reference, user) => (isOwn(user) ? access.version(reference, user) : null),
    resolveFor: async (reference, user, to) => {
      refuseOtherQueue(user);
      return access.resolveFor(reference, user, to);
    },
    isMeantFor: async (reference, user, to) => {
      refuseOtherQueue(user);
      return access.isMeantFor(reference, user, to);
    },
  };
}

/** `control-x` stands beside `deploy-production-x`. */
function isOwn({ environment }: SecretUser): boolean {
  const { taskQueue } = Context.current().info;
  return (environment === null ? /^control(-|$)/ : new RegExp(`^deploy-${environment}(-|$)`)).test(taskQueue);
}

function refuseOtherQueue(user: SecretUser): void {
  if (isOwn(user)) return;
  const { taskQueue } = Context.current().info;
  const own = user.environment === null ? 'control' : `deploy-${user.environment}`;
  throw fail('SecretRefused', `the queue ${taskQueue} resolves no secrets of ${own}; its own queue does`);
}
