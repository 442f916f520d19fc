/** Why a release did not become healthy: what was seen of an instance, in words, with the next step. */
import type { InstanceStatus } from '../host/runner';

/** So many exits within one start are no hiccup: the next ones would say the same. */
export const MOST_EXITS = 3;

export interface InstanceFacts {
  readonly instance: number;
  readonly host: string;
  readonly port: number;
  /** Path of the health check. */
  readonly path: string;
  /** What the last check saw; null: none was made. */
  readonly seen: string | null;
  readonly code: string | null;
  /** Ports that its processes listen on; null: it could not be told. */
  readonly listening: readonly number[] | null;
}

/**
 * An instance that exits again and again, in words; null: none does.
 * @param before restarts by instance when the waiting began: those of an earlier life say nothing of this one
 */
export function exitsAgain(instances: readonly InstanceStatus[], before: ReadonlyMap<number, number>): string | null {
  for (const { instance, port, heldBy, restarts, lastExit, state } of instances) {
    const again = restarts - (before.get(instance) ?? 0);
    if (lastExit === null || (again < MOST_EXITS && state !== 'stopped')) continue;
    const how = lastExit.signal === null ? `with code ${lastExit.code ?? 'unknown'}` : `by ${lastExit.signal}`;
    const times =
      again === 0 ? 'after it was started' : `and was started again ${again} ${again === 1 ? 'time' : 'times'}`;
    const held = heldBy === undefined ? '' : `: ${heldWords({ instance, port, heldBy })}`;
    return `instance ${instance} exited ${how} ${times}${leftWords(lastExit)}${held}`;
  }
  return null;
}

/** A start command that puts its server into the background is not one that can be kept running, measured or stopped. */
function leftWords({ code, left }: NonNullable<InstanceStatus['lastExit']>): string {
  if (left === undefined || code !== 0) return '';
  return `: its start command ends and leaves ${left} behind, which was ended; let the server stay in the foreground (no \`&\`, no daemon mode), so that the release can be watched and stopped`;
}

/** Who keeps an instance from its port. */
export const heldWords = ({
  instance,
  port,
  heldBy = '',
}: Pick<InstanceStatus, 'instance' | 'port' | 'heldBy'>): string =>
  `port ${port} of instance ${instance} is held by ${heldBy}; end that process`;

/** What is wrong with an instance that runs and is not healthy. */
export function notHealthy(facts: InstanceFacts): { readonly message: string; readonly remedy: string } {
  const { instance, host, port, path, seen, code, listening } = facts;
  const who = `instance ${instance}`;
  if (code === 'ECONNREFUSED' && listening !== null) {
    if (listening.length === 0)
      return {
        message: `${who} runs and listens on no port; it was told ${port}`,
        remedy: 'see why it does not come to listening',
      };
    if (!listening.includes(port))
      return {
        message: `${who} listens on port ${listening.join(', ')}, and not on ${port} that it was told`,
        remedy:
          'let it read the port from the variable PORT, or say in `platform.port` which variable it reads or which port is fixed',
      };
    return {
      message: `${who} listens on port ${port}, but not on the address ${host}`,
      remedy: `let it listen on ${host} or 0.0.0.0`,
    };
  }
  if (code === 'EFOREIGN') return { message: `${who} ${seen ?? ''}`, remedy: 'end the process that holds the port' };
  if (code === 'ETIMEDOUT')
    return {
      message: `${who} took the connection on port ${port} and ${seen ?? ''} to GET ${path}`,
      remedy: 'see what it waits for, or raise `health.timeout`',
    };
  const remedy = code === null ? 'correct the application, or what `health` expects' : 'see what the instance says';
  return { message: `${who} ${seen ?? 'was not asked'} to GET ${path} on port ${port}`, remedy };
}
