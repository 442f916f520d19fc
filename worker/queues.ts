/**
 * Which task queues belong together, and how much of each one worker does at a time. What is asked for by one name is served whole: whoever
 * holds an environment's credentials also watches its releases and takes them back.
 */

export interface ServedQueue {
  readonly queue: string;
  /** Activities at a time. */
  readonly slots: number;
  /** Workflows are served, too. */
  readonly workflows: boolean;
}

const family = (queue: string, slots: number): ServedQueue => ({ queue, slots, workflows: false });

/** @param name as in `MVCA_QUEUES`: `control`, `build`, `deploy-<environment>`, each perhaps with an ending. */
export function queuesOf(name: string): readonly ServedQueue[] {
  if (name.startsWith('build')) return [family(name, 4)];
  if (name.startsWith('control'))
    return [
      // Each takes milliseconds. Who has its turn is decided in the queue, and not among too many that have begun.
      { queue: name, slots: 20, workflows: true },
      // One after the other in the database, and as patient as it is away.
      family(name.replace('control', 'record'), 8),
      // Webhooks take as long as those who answer them.
      family(name.replace('control', 'tell'), 40),
    ];
  return [
    family(name, 40),
    // Each lasts for minutes, and one that has no slot loses the lease of its release.
    family(name.replace('deploy', 'watch'), 200),
    // Nothing but rollbacks, undos and questions of people: never full of what goes forward.
    family(name.replace('deploy', 'return'), 40),
  ];
}
